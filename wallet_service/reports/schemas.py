"""What the console answers to programs: a figure, as its pictures are drawn from it."""

from __future__ import annotations

from pydantic import Field

from wallet_service.platform.schema import Answer, UnixMs


class FigureAnswer(Answer):
    """Rows by column name; names end in their unit (`_cents`, `_basis_points`, `_hundredths`)."""

    name: str
    as_of_unix_ms: UnixMs = Field(description="When the numbers were read, unix ms.")
    rows: list[dict[str, str | int | None]]
