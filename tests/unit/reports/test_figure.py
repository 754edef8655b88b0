"""A figure's CSV is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_service.reports.models import Column, Figure

COLUMNS = (Column("name", "Nom", "text"), Column("amount_cents", "Montant", "cents"))


def cells(name: str | None, amount: int | None = 0, language: str = "fr") -> list[list[str]]:
    text = Figure("x", "X", "s", 0, COLUMNS, ((name, amount),)).to_csv(language)
    assert text.startswith("\ufeff")
    delimiter = "," if language == "en" else ";"
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))


@pytest.mark.parametrize("name", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "\rx", "\nx"])
def test_a_cell_that_looks_like_a_formula_is_disarmed(name: str) -> None:
    assert cells(name)[1][0].startswith("'")


def test_a_negative_amount_stays_a_number() -> None:
    assert cells("x", -1_250)[1][1] == "-12,50"
    assert cells("x", -1_250, "en")[1][1] == "-12.50"


@pytest.mark.parametrize(("language", "amount"), [("fr", "14,05"), ("en", "14.05")])
def test_a_spreadsheet_of_that_language_opens_it_in_columns(language: str, amount: str) -> None:
    assert cells("Épicerie; rue, 3", 1_405, language) == [["name", "amount"], ["Épicerie; rue, 3", amount]]


def test_an_unknown_cell_is_empty() -> None:
    assert cells(None, None)[1] == ["", ""]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")))
def test_any_text_comes_back_from_the_file(name: str) -> None:
    read = cells(name)[1][0]
    assert read == name or read == "'" + name


def test_a_column_is_found_by_name() -> None:
    figure = Figure("x", "X", "s", 0, COLUMNS, (("a", 1), ("b", 2)))
    assert figure.values("amount_cents") == [1, 2]
    with pytest.raises(KeyError):
        figure.values("nothing")
