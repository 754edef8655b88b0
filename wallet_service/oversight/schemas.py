"""What the console sends and hears when an officer confirms an act."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wallet_service.platform.schema import Answer, Body

MAX_FIELDS = 40
MAX_VALUE_CHARACTERS = 4_000


#: Name and value.
ActField = tuple[
    Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=MAX_VALUE_CHARACTERS)]
]


class ActBody(Body):
    """The act to confirm, as its form will send it; what only carries the confirmation is left out."""

    method: Literal["POST", "DELETE"]
    path: Annotated[str, Field(max_length=1_000, pattern=r"^/")]
    fields: list[ActField] = Field(default=[], max_length=MAX_FIELDS)


class ConfirmationAnswer(Answer):
    """Goes with the act, as the field `confirmation` or in `X-Confirmation`; good once and for minutes."""

    confirmation: str
