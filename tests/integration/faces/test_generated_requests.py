"""Schemathesis against the running service, on both databases: what its document says is what it does.

On SQLite it sends everything: what the document allows and what it forbids. What is forbidden is refused by
the models, the router and the doors before any database is asked, so PostgreSQL gets what is allowed alone.

Members', tills' and officers' requests, generated from the description of the wallet's API and from the
console's own routes, which no document describes. The seed is the run's: a failure prints it in the command
that repeats it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support.bank_rows import BankRows
from tests.support.callers import Callers, called_service
from tests.support.node import ChainUnderTest
from tests.support.ports import free_port
from tests.support.web import Device
from wallet_service.database.engine import make_engine
from wallet_service.faces.apps import CONSOLE_ROUTERS
from wallet_service.faces.shell.acts import ACTS, Confirmed
from wallet_service.members.service import NewWallet
from wallet_service.protocol.signing import p256
from wallet_service.protocol.text.identifiers import new_ref

#: Names the file that says who calls; read by tests/support/schemathesis_hooks.py.
CALLERS_VARIABLE = "ALBA_FUZZ_CALLERS"
ROOT = Path(__file__).resolve().parents[3]
#: Of one run of the tool. It takes 20 s on a quiet core, so that two faces on two databases stay below two
#: minutes; the bound is for a machine with other work, on which a run was seen to take over 100 s.
RUN_DEADLINE_S = 240
START_DEADLINE_S = 15
MAX_ENROLMENT_ROUNDS = 1_000
EXAMPLES_PER_ROUTE = 5
MAX_TOLD_CHARACTERS = 60_000
#: Streams never end; readiness is 503 here by right, because no worker runs.
LEFT_OUT = ("/v1/events", "/v1/till/events", "/v1/public/events", "/events", "/ready")
#: Of the pages of the console no document says the statuses and media types.
CHECKS = {
    "wallet": (
        "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
        "response_schema_conformance,ignored_auth,unsupported_method"
    ),
    "console": "not_a_server_error",
}

#: What is generated, by where it can end.
MODES = {"sqlite": "all", "postgresql": "positive"}

#: A page or an answer of each caller's own, which only they are shown.
LET_IN = {"wallet": {"/v1/me", "/v1/till/me"}, "console": {"/members", "/journal"}}
#: Acts of officers that only a confirmed request comes to.
CONFIRMED_ACTS = {act for act, when in ACTS.items() if when is Confirmed.ALWAYS}


@pytest.fixture
def callers(chain_session: ChainUnderTest, tmp_path: Path, database_url: str) -> Iterator[Callers]:
    engine = make_engine(database_url)
    for called in called_service(chain_session, tmp_path, engine):
        enrol(called)
        yield called
    engine.dispose()


def enrol(callers: Callers) -> None:
    """The members' accounts come on chain, as its workers would do it."""
    parts, members = callers.services.chain_parts, callers.services.members
    for _ in range(MAX_ENROLMENT_ROUNDS):
        parts.runner.run_once()
        parts.sender.run_once()
        parts.indexer.run_once()
        if all(members.get(one).state.value == "active" for one in (callers.member_id, callers.merchant_id)):
            return
        time.sleep(0.01)
    raise AssertionError("the members were not enrolled")


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The app over a real socket; its address."""
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline_s = time.monotonic() + START_DEADLINE_S
    while not server.started:
        assert time.monotonic() < deadline_s, "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(timeout=START_DEADLINE_S)


class Noted:
    """The app, and what it answered well: without a caller let in, a clean run would say nothing.

    `let_in` are the routes that answered anything but 401 and 403: somebody came past their door.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.answered_well: set[str] = set()
        self.let_in: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"])
            await send(message)

        await self._app(scope, receive, noting)

    def _note(self, scope: Scope, status: int) -> None:
        if status == HTTPStatus.OK:
            self.answered_well.add(scope["path"])
        route = getattr(scope.get("route"), "path", None)
        if route is not None and status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            self.let_in.add(f"{scope['method']} {route}")


def document(face: str) -> dict[str, Any]:
    if face == "wallet":
        described: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
        return described
    plain = FastAPI()
    for module in CONSOLE_ROUTERS:
        for route in module.router.routes:
            if isinstance(route, APIRoute) and route.path not in LEFT_OUT:
                plain.add_api_route(
                    route.path, route.endpoint, methods=sorted(route.methods or ()), response_model=None
                )
    return plain.openapi()


def written_callers(callers: Callers, face: str, folder: Path) -> Path:
    sessions = callers.services.sessions
    member = face == "wallet"
    who: tuple[Any, ...] = (
        ("member", callers.member_id, "device") if member else ("officer", callers.all_rights, "passkey")
    )
    till_id = callers.till_id
    sale = callers.services.sales.open(till_id, callers.merchant_id, new_ref(), 1_250, "")
    entry_id = BankRows(callers.services).add(details={"name": "MME LECŒUR AIMEE"})
    identifiers = {
        "member_id": callers.member_id,
        "till_id": till_id,
        "sale_id": sale.id,
        "entry_id": entry_id,
    }

    device = Device(p256.new_private_key())
    closing = callers.services.members.create_wallet(NewWallet(device.public_key, device.proof()))

    def session(*whose: Any) -> dict[str, str]:
        made = sessions.open_now(*(whose or who))
        return {"token": made.token, "csrf_token": made.csrf_token}

    path = folder / f"callers-{face}.json"
    path.write_text(
        json.dumps(
            {
                "cookie": "alba_session" if member else "alba_console",
                "session": session(),
                "leaving": session(),
                "closing": session("member", closing.id, "device"),
                "till_id": till_id,
                "till_secret": f"{callers.till_key.key.private_numbers().private_value:x}",
                "identifiers": identifiers,
                "officer_code": "" if member else callers.services.officers.make_code(callers.all_rights),
            }
        ),
        encoding="utf-8",
    )
    path.chmod(0o600)
    return path


@pytest.mark.slow
@pytest.mark.chain
@pytest.mark.timeout(RUN_DEADLINE_S + 60)
@pytest.mark.parametrize("face", ["wallet", "console"])
def test_the_service_does_what_its_document_says_whatever_is_sent(
    callers: Callers, face: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    app = Noted(callers.apps[face])
    described = tmp_path / f"{face}.json"
    described.write_text(json.dumps(document(face)), encoding="utf-8")
    environment = {
        **os.environ,
        CALLERS_VARIABLE: str(written_callers(callers, face, tmp_path)),
        "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks",
        "PYTHONPATH": str(ROOT),
    }
    with served(app) as url:
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", str(described), "--url", url),
                *("--seed", str(request.config.getoption("randomly_seed"))),
                *("--mode", MODES[callers.services.engine.dialect.name]),
                *("--max-examples", str(EXAMPLES_PER_ROUTE), "--phases", "examples,coverage,fuzzing"),
                *("--checks", CHECKS[face], "--continue-on-failure", "--generation-database", "none"),
                *("--suppress-health-check", "all", "--request-timeout", "10", "--max-redirects", "0"),
                *("--warnings", "off", "--no-color", "--no-shrink"),
                *(part for path in LEFT_OUT for part in ("--exclude-path", path)),
            ],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=RUN_DEADLINE_S,
            check=False,
        )
    told = ended.stdout[ended.stdout.find("= FAILURES =") :]
    print(told[:MAX_TOLD_CHARACTERS], ended.stderr[-4_000:])
    assert ended.returncode == 0, "what was found is above; the command below repeats it"
    assert LET_IN[face] <= app.answered_well, "somebody was let in nowhere"
    if face == "console":
        assert app.let_in >= CONFIRMED_ACTS, "nothing came behind the confirmation"
