"""What clients may send: whole numbers as such, and texts for people without anything unseen."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from wallet_service.faces.shell.routers import docs
from wallet_service.history.schemas import ReceiptBody, SearchBody
from wallet_service.members.schemas import DeviceBody, WalletBody
from wallet_service.platform.schema import Body
from wallet_service.sales.schemas import SaleBody
from wallet_service.tills.schemas import PairBody, PairingCodeBody

assert docs  # loads every subject's schemas
LABELLED = [
    (SaleBody, "label"),
    (PairBody, "label"),
    (PairingCodeBody, "label"),
    (WalletBody, "label"),
    (DeviceBody, "label"),
    (SearchBody, "query"),
]


def bodies(root: type[BaseModel] = Body) -> Iterator[type[BaseModel]]:
    for body in root.__subclasses__():
        yield body
        yield from bodies(body)


def numbers() -> list[tuple[str, TypeAdapter[Any]]]:
    """Every field of a body that takes a whole number."""
    found = []
    known: list[type[BaseModel]] = [*bodies(), ReceiptBody]
    for body in known:
        for name, field in body.model_fields.items():
            kinds = _kinds(field.annotation)
            if int in kinds and str not in kinds:
                annotated: Any = field.annotation
                for metadata in field.metadata:
                    annotated = Annotated[annotated, metadata]
                found.append((f"{body.__name__}.{name}", TypeAdapter(annotated)))
    return found


def _kinds(annotation: Any) -> set[Any]:
    if get_origin(annotation) in (Union, UnionType):
        return {kind for part in get_args(annotation) for kind in _kinds(part)}
    if inspect.isclass(annotation):
        return {annotation}
    arguments = get_args(annotation)
    return _kinds(arguments[0]) if arguments else set()


@pytest.mark.parametrize(("name", "field"), numbers(), ids=[name for name, _ in numbers()])
@pytest.mark.parametrize("value", [False, True, "1", 1.0])
def test_only_a_whole_number_is_one(name: str, field: TypeAdapter[Any], value: object) -> None:
    """`before: false` was read as 0."""
    with pytest.raises(ValidationError):
        field.validate_python(value)


def test_every_body_with_a_number_was_looked_at() -> None:
    assert {name for name, _ in numbers()} >= {
        "PaymentBody.amount_cents",
        "PaymentBody.valid_before_unix_s",
        "RedemptionBody.amount_cents",
        "ReceiptBody.block_number",
        "SaleBody.amount_cents",
        "SearchBody.before",
        "SearchBody.limit",
    }


@pytest.mark.parametrize(("body", "field"), LABELLED, ids=[body.__name__ for body, _ in LABELLED])
def test_what_others_read_holds_nothing_unseen(body: type[BaseModel], field: str) -> None:
    for text in ("Fournil\u202e", "\a", "\0"):
        assert field in refused_fields(body, {field: text})
    assert field not in refused_fields(body, {field: " Jose\u0301 "})


def refused_fields(body: type[BaseModel], given: dict[str, str]) -> set[str | int]:
    try:
        body.model_validate(given)
    except ValidationError as refused:
        return {error["loc"][0] for error in refused.errors()}
    return set()
