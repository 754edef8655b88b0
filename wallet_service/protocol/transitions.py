"""State machines as tables: what may follow what. Pure.

SQL updates take their allowed sources from these tables (`sources_of`), so a transition that is not written
in one can happen nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

State = TypeVar("State", bound=StrEnum)


class IllegalTransition(Exception):
    """A defect of the program, never an answer to a person."""


def check_transition(table: Mapping[State, frozenset[State]], source: State, target: State) -> None:
    """Raises IllegalTransition unless `table` allows source -> target."""
    if target not in table[source]:
        raise IllegalTransition(f"{type(source).__name__}: {source} -> {target}")


def sources_of(table: Mapping[State, frozenset[State]], target: State) -> list[str]:
    """The states from which `target` may be reached, for a WHERE clause."""
    sources = [str(source) for source, targets in table.items() if target in targets]
    if not sources:
        raise IllegalTransition(f"nothing leads to {target}")
    return sources
