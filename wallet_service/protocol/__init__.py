"""The pure protocol: money, identifiers, references, typed data, signatures, QR texts, clocks.

Owns what the wallet app, the till, the service and the contract must agree on to the last byte. Imports
nothing else of this project, does no input or output, and holds no state.
"""
