"""The point of sale: a program of its own, which can only receive money.

It talks to the wallet service over HTTP only.
"""
