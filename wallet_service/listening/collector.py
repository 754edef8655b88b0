"""The garbage collector of a process that answers people: what stands is not walked over again.

A full collection walks over every object while everything waits. Modules, routes and schemas are some
hundred thousand that live as long as the process: left among the others they cost each full collection about
0.3 s, in the middle of somebody's payment.
"""

from __future__ import annotations

import gc


def keep_what_stands() -> None:
    """Called once everything is built: no later collection looks at what there is now.

    How often the rest is looked at stays as it is: a connection in a circle must not be held for long.
    """
    gc.collect()
    gc.freeze()
