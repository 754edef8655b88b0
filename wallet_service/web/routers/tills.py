"""Tills: a merchant makes codes and revokes, a tablet pairs and asks who it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from wallet_service.members.tills import PairedTill
from wallet_service.web.rate_limits import PAIRING, limited
from wallet_service.web.security import CurrentMember, CurrentTill, ServicesOf

router = APIRouter(tags=["tills"])


class CodeBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, Field(max_length=60)] = ""


class PairBody(BaseModel):
    """`code` as typed; `public_key` is the tablet's own P-256 key."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=40)]
    public_key: Annotated[str, Field(pattern=r"^0x[0-9a-f]{128}$")]
    label: Annotated[str | None, Field(max_length=60)] = None


@router.post("/v1/me/tills/pairing-codes", status_code=201)
def make_pairing_code(body: CodeBody, member: CurrentMember, services: ServicesOf) -> dict[str, Any]:
    """A code for one tablet, good for ten minutes, shown once."""
    return asdict(services.tills.make_pairing_code(member.member_id, body.label))


@router.get("/v1/me/tills")
def list_tills(member: CurrentMember, services: ServicesOf) -> list[dict[str, Any]]:
    """The merchant's tills, newest first."""
    return services.tills.list_tills(member.member_id)


@router.delete("/v1/me/tills/{till_id}", status_code=204)
def revoke_till(till_id: str, member: CurrentMember, services: ServicesOf) -> None:
    """The tablet can do nothing from now on."""
    services.tills.revoke(member.member_id, till_id)


@router.post("/v1/tills/pair", status_code=201, dependencies=[Depends(limited(PAIRING))])
def pair(body: PairBody, services: ServicesOf) -> dict[str, Any]:
    """Registers the tablet's key with a merchant's code."""
    return _view(services.tills.pair(body.code, body.public_key, body.label))


@router.get("/v1/till/me")
def till_me(till: CurrentTill, services: ServicesOf) -> dict[str, Any]:
    """The till that signed this request."""
    return _view(services.tills.paired(till.till_id))


def _view(paired: PairedTill) -> dict[str, Any]:
    return {
        "till_id": paired.till_id,
        "label": paired.label,
        "member": {"id": paired.member_id, "name": paired.member_name},
    }
