"""A figure: named columns and rows, from which a page's table, picture, JSON and CSV are all made. Pure.

Knows no SQL and no HTML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from wallet_service.protocol.text.csv_text import Cell, Cents, CsvCell, csv_text

#: How a cell is shown. cents: money; basis_points: hundredths of a percent; hundredths: a number times 100.
CellKind = Literal[
    "text", "word", "day", "moment_s", "moment_ms", "count", "cents", "basis_points", "hundredths"
]


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


#: What waits in the queues that officers work off, by the queue's name.
QUEUE_WORDS = {
    "identities": _("identités à examiner"),
    "unmatched": _("virements à classer"),
    "statements": _("relevés à accepter ou à écarter"),
    "held": _("chargements retenus"),
    "reversals": _("crédits repris par la banque, à régler"),
    "disputes_late": _("contestations dont les 96 heures sont passées"),
    "disputes": _("paiements contestés, à décider"),
    "listings": _("fiches de l’annuaire changées"),
    "recoveries": _("téléphones perdus, à regarder"),
    "troubles": _("sorties en euros que le registre a refusé de clore"),
    "unclaimed": _("sorties en euros bloquées sans demande"),
    "held_back": _("sorties en euros mises de côté"),
    "answers": _("mots de la banque à lire"),
    "redemptions": _("sorties en euros à préparer"),
    "payouts": _("ordres de virement à signer à deux"),
    "approvals": _("décisions à signer à deux"),
    "proposals": _("chargements qui attendent un second émetteur"),
    "attestations": _("attestations refusées par le registre"),
    "quarantined": _("lignes illisibles mises de côté"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is the machine's (CSV, JSON), `label` the French words people read.

    A `word` cell holds a French word that is translated when shown.
    """

    name: str
    label: str
    kind: CellKind


@dataclass(frozen=True, slots=True)
class Figure:
    """`source` says in French where the numbers come from; `as_of_unix_ms` when they were read."""

    name: str
    title: str
    source: str
    as_of_unix_ms: int
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...] = field(default=())

    def values(self, column: str) -> list[Any]:
        """One column's cells, in order; KeyError for a column it has not."""
        names = [known.name for known in self.columns]
        if column not in names:
            raise KeyError(column)
        position = names.index(column)
        return [row[position] for row in self.rows]

    def to_json(self) -> dict[str, Any]:
        names = [column.name for column in self.columns]
        return {
            "name": self.name,
            "as_of_unix_ms": self.as_of_unix_ms,
            "rows": [dict(zip(names, row, strict=True)) for row in self.rows],
        }

    def to_csv(self, language: str) -> str:
        """As the language's spreadsheets want it; machine names in the first line, money as units."""
        names = [
            column.name.removesuffix("_cents") if column.kind == "cents" else column.name
            for column in self.columns
        ]
        kinds = [column.kind for column in self.columns]
        rows = ([_in_csv(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in self.rows)
        return csv_text(names, rows, language)


def _in_csv(cell: Cell, kind: CellKind) -> CsvCell:
    return Cents(cell) if kind == "cents" and isinstance(cell, int) else cell
