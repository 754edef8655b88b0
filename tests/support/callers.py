"""One real service, as bootstrap builds it, and somebody of each kind who calls it over HTTP.

No worker runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine

from tests.support.databases import sqlite_file
from tests.support.node import ChainUnderTest
from tests.support.web import Device, client_of
from wallet_service.accounts.models import KeyLimits
from wallet_service.bootstrap import Services, build_services
from wallet_service.database.engine import make_engine
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.keyholders import repository as keyholders
from wallet_service.keyholders.models import KeyholderKind, KeyholderState
from wallet_service.members.decisions import Kind
from wallet_service.members.service import NewProfessional, NewWallet
from wallet_service.platform.journal import SERVICE
from wallet_service.platform.settings import Settings
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.signing import p256
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.security.officers import RIGHTS
from wallet_service.security.sealing import create_master_key

SAFE = {"GET", "HEAD"}


@dataclass
class Callers:
    """One real service and somebody of each kind."""

    services: Services
    apps: dict[str, FastAPI]
    member_id: str
    till_id: str
    till_key: Device
    officers: dict[str, str]
    merchant_id: str
    all_rights: str
    keyholder_id: str

    def names(self, face: str) -> list[str]:
        officers = [f"officer with {right}" for right in RIGHTS]
        return [
            "nobody",
            "member",
            "keyholder",
            "till",
            "stranger's till",
            *(officers if face == "console" else officers[:1]),
        ]

    def call(self, face: str, route: str, caller: str, *, csrf: bool = True) -> Response:
        method, template = route.split(" ")
        path = re.sub(r"\{\w+\}", "X", template)
        client = client_of(self.apps[face])
        headers = self._signed_in(client, face, caller, method, path)
        if not csrf:
            headers.pop("X-CSRF-Token", None)
        body: dict[str, Any] = {} if method in SAFE else {"content": b"{}"}
        if body:
            form = face == "console" and "passkey" not in path
            headers["Content-Type"] = "application/x-www-form-urlencoded" if form else "application/json"
        answer: Response = client.request(method, path, headers=headers, **body)
        return answer

    def _signed_in(
        self, client: TestClient, face: str, caller: str, method: str, path: str
    ) -> dict[str, str]:
        if caller in ("till", "stranger's till"):
            body = b"" if method in SAFE else b"{}"
            device = self.till_key if caller == "till" else Device(p256.new_private_key())
            till_id = self.till_id if caller == "till" else "NOBODY"
            return device.till_headers(till_id, method, path, self.services.clock.now_unix_ms(), body)
        if caller == "member":
            session = self.services.sessions.open_now("member", self.member_id, "device")
            # A member's cookie shown at the console's door must not open it, whatever its name.
            client.cookies.set("alba_session", session.token)
            client.cookies.set("alba_console", session.token)
            return {"X-CSRF-Token": session.csrf_token}
        if caller == "keyholder":
            session = self.services.sessions.open_now("keyholder", self.keyholder_id, "device")
            client.cookies.set("alba_session", session.token)
            client.cookies.set("alba_console", session.token)
            return {"X-CSRF-Token": session.csrf_token}
        if caller.startswith("officer"):
            session = self.services.sessions.open_now("officer", self.officers[caller.split()[-1]], "passkey")
            client.cookies.set("alba_console", session.token)
            client.cookies.set("alba_session", session.token)
            return {"X-CSRF-Token": session.csrf_token}
        return {}


def called_service(chain: ChainUnderTest, folder: Path, engine: Engine | None = None) -> Iterator[Callers]:
    """On a SQLite file of its own, or on `engine`."""
    services = real_services(chain, folder, engine=engine)
    phone, shop, tablet = (Device(p256.new_private_key()) for _ in range(3))
    member = services.members.create_wallet(NewWallet(phone.public_key, phone.proof()))
    merchant = services.members.create_professional(professional(shop.public_key), SERVICE)
    code = services.tills.make_pairing_code(merchant.id, "Caisse 1").code
    till_id = services.tills.pair(code, tablet.public_key, None).till_id
    officers = {right: services.officers.ensure(f"Agent {right}", [right]).id for right in RIGHTS}
    apps = {"wallet": wallet_app(services), "console": console_app(services)}
    services.acceptor.start()
    all_rights = services.officers.ensure("Agent de tout", list(RIGHTS)).id
    child = keyholder_of(services, member.id)
    yield Callers(services, apps, member.id, till_id, tablet, officers, merchant.id, all_rights, child)
    services.stop()


def keyholder_of(services: Services, member_id: str) -> str:
    """Somebody whose limited key the ledger has put beside the member's own."""
    keyholder_id, device = new_id(), Device(p256.new_private_key())
    with UnitOfWork(services.engine) as work:
        keyholders.insert_keyholder(
            work.connection,
            KeyLimits(20_00, 50_00, 0),
            id=keyholder_id,
            member_id=member_id,
            kind=KeyholderKind.CHILD,
            state=KeyholderState.ACTIVE,
            invitation=keyholder_id,
            old_public_key=device.public_key,
            public_key=device.public_key,
            signer_address=device.address,
            label="",
            invitation_ends_at_unix_ms=0,
            created_at_unix_ms=0,
        )
    return keyholder_id


def professional(public_key: str) -> NewProfessional:
    return NewProfessional(
        public_key=public_key,
        kind=Kind.MERCHANT,
        public_name="Fournil des Deux Rives",
        description="Boulangerie",
        siret="12345678200010",
        sector="10",
        commune_code="76540",
        representative_given_name="Solveig",
        representative_family_name="Lemarchand",
    )


def real_services(
    chain: ChainUnderTest, folder: Path, clock: Clock | None = None, engine: Engine | None = None
) -> Services:
    """The service as bootstrap builds it, on its own database; no worker runs."""
    master_key_file = folder / "master.key"
    create_master_key(master_key_file)
    master_key_file.write_bytes(chain.master_key)
    settings = Settings(
        environment="test",
        data_directory=folder,
        master_key_file=master_key_file,
        chain_keys_directory=chain.keys_directory,
        deployment_file=chain.deployment_file,
        rpc_url=chain.node.url,
        bank_inbox=folder / "inbox",
        bank_outbox=folder / "outbox",
        bank_checks=folder / "payee-checks",
    )
    engine = engine or make_engine(f"sqlite:///{sqlite_file(folder)}")
    services = build_services(settings, clock, engine=engine, node=chain.node)
    services.watches.rules.refresh()
    return services
