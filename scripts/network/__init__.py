"""A chain on five validators, on one machine: built, founded, started, looked at and ended.

The engine comes from the Go module proxy (go.mod); `founder` and `plugin` are the little Go there is.
"""
