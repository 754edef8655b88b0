"""The point of sale: a program of its own that talks to the wallet service over HTTP only and can only
receive money.
"""
