"""The garbage collector of a process that answers people: what stands is not walked over again.

A full collection walks over every object while everything waits. Modules, routes and schemas are some
hundred thousand that live as long as the process: left among the others they cost each full collection about
0.3 s, in the middle of somebody's payment.
"""

from __future__ import annotations

import gc

#: Objects made, less those ended, before the youngest are looked at: a request of ours makes a few thousand.
YOUNG_OBJECTS = 50_000
#: How many collections of the younger before one of the next older.
YOUNG_ROUNDS, MIDDLE_ROUNDS = 20, 20


def keep_what_stands() -> None:
    """Called once everything is built: no later collection looks at what there is now."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_ROUNDS, MIDDLE_ROUNDS)
