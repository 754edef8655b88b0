"""What the API takes and says of a move of a wallet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wallet_service.members.decisions import DEFAULT_DEVICE_LABEL
from wallet_service.members.schemas import AdditionBody
from wallet_service.platform.schema import Answer, Body, KeySignature, Line, PublicKey, UnixMs

MoveId = Annotated[
    str,
    Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of `alba-move:` and the code the two phones know."),
]


class MoveBody(Body):
    """The phone that is left."""

    id: MoveId
    public_key: PublicKey
    proof: KeySignature = Field(description="By that key over `alba-move:open:` and `id`; base64url.")


class JoinBody(Body):
    """The phone that is moved to."""

    id: MoveId
    public_key: PublicKey
    label: Annotated[Line, Field(max_length=60)] = DEFAULT_DEVICE_LABEL
    proof: KeySignature = Field(description="By that key over `alba-move:join:`, `id`, `:`, `public_key`.")


class ApproveBody(Body):
    """The words were the same on both phones."""

    new_public_key: PublicKey
    addition: AdditionBody


class MoveAnswer(Answer):
    """Both keys, from which and the code the words are made. Nobody's name, and no account."""

    state: Literal["open", "joined", "done"]
    old_public_key: PublicKey
    new_public_key: PublicKey | None
    expires_at_unix_ms: UnixMs
