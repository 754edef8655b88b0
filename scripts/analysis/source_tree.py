"""Reading Python sources as trees, for the checks that look at code. Owns nothing else."""

from __future__ import annotations

import ast
import gc


def parsed(source: str) -> ast.Module:
    """The module's tree; raises SyntaxError.

    The collector rests meanwhile: in CPython 3.11 one that runs while a tree is made can spoil the count of
    its depth (python/cpython issue 106905), and a check would fail by chance.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        if was_on:
            gc.enable()
