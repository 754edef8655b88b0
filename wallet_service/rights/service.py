"""What we hold of a person, given to that person alone, at once, opened (GDPR, articles 15 and 20).

Reads everybody's tables by `holdings`; changes nothing but the journal, which notes that the data went out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Engine, LargeBinary, RowMapping

from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.history.printing import Issuing, Paper
from wallet_service.members import repository as members
from wallet_service.members.errors import MemberUnknown
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.sandbox.pool import Sandbox, Task
from wallet_service.protocol.clock import Clock
from wallet_service.rights import messages
from wallet_service.rights.concerns_repository import Person
from wallet_service.rights.errors import DataTooLong
from wallet_service.rights.holdings_repository import HOLDINGS, Holding, count_of, rows_of
from wallet_service.rights.models import HeldRows, HeldSection
from wallet_service.security.sealing import SealBroken, SealedField, Sealer

#: Of one table; a shop's months beyond them are in its statements.
MAX_ROWS = 20_000
#: Of one table on paper: it is to be read; the JSON file has all.
MAX_ROWS_ON_PAPER = 200
EXPORTED_ACT = "data.exported"
KIND, VERSION = "alba-personal-data", 1
UNREADABLE = "unreadable"
_TASK = Task("wallet_service.rights.paper:pdf_of_order", (), DataTooLong)
_FILE_COLUMNS = ("sealed_content", "content")


@dataclass(frozen=True)
class HandedOver:
    """Who hands the person their data, and why."""

    by: Actor
    ground: str


class DataRights:
    """One attribute of Services; `sandbox` is where papers are made."""

    def __init__(
        self, engine: Engine, clock: Clock, sealer: Sealer, journal: Journal, sandbox: Sandbox
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._sealer = sealer
        self._journal = journal
        self._sandbox = sandbox

    def summary(self, member_id: str) -> list[HeldSection]:
        """How many rows each section has, in the order of `holdings`. Raises MemberUnknown."""
        counts: dict[str, int] = {}
        with reading(self._engine) as connection:
            person = _person(connection, member_id)
            for holding in HOLDINGS:
                counts[holding.section] = counts.get(holding.section, 0) + count_of(
                    connection, holding, person
                )
        return [HeldSection(section, count) for section, count in counts.items()]

    def as_json(self, member_id: str) -> Paper:
        """Everything, for a machine to read (GDPR, article 20).

        Raises MemberUnknown, PersonErased, WorkBusy.
        """
        with self._sandbox.slot(member_id):  # one export at a time: each opens thousands of sealed values
            held = self._read(member_id, with_documents=True)
        content = {
            "kind": KIND,
            "version": VERSION,
            "member_id": member_id,
            "written_at_unix_ms": self._clock.now_unix_ms(),
            "left_out": messages.paper_in("en").left_out,
            "sections": [
                {"section": one.section, "table": one.table, "count": one.count, "rows": one.rows}
                for one in held
            ],
        }
        self._note(member_id, "json")
        return Paper(_file_name("json"), json.dumps(content, ensure_ascii=False, indent=1).encode())

    def as_pdf(
        self, member_id: str, issuing: Issuing, language: str, given: HandedOver | None = None
    ) -> Paper:
        """The same to read: what, why and until when. Raises also WorkOneAtATime, DataTooLong.

        `given`: by whom, where an officer prints it for the person in front of them.
        """
        with self._sandbox.slot(member_id) as slot:
            held = self._read(member_id, with_documents=False)
            order = self._order(member_id, held, issuing, language)
            content = slot.run(_TASK, json.dumps(order).encode())
        self._note(member_id, "pdf", given)
        return Paper(_file_name("pdf"), content)

    def _read(self, member_id: str, *, with_documents: bool) -> list[HeldRows]:
        with reading(self._engine) as connection:
            person = _person(connection, member_id)
            return [self._held(connection, holding, person, with_documents) for holding in HOLDINGS]

    def _held(
        self, connection: Connection, holding: Holding, person: Person, with_documents: bool
    ) -> HeldRows:
        rows = tuple(
            self._opened(connection, holding, person, row, with_documents)
            for row in rows_of(connection, holding, person, MAX_ROWS)
        )
        count = len(rows) if len(rows) < MAX_ROWS else count_of(connection, holding, person)
        return HeldRows(holding.section, holding.table.name, count, rows)

    def _opened(
        self, connection: Connection, holding: Holding, person: Person, row: RowMapping, with_documents: bool
    ) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for column in holding.table.c:
            name, value = column.name, row[column.name]
            if name in holding.left_out or (name in _FILE_COLUMNS and not with_documents):
                continue
            if value is None or not isinstance(column.type, LargeBinary):
                shown[name] = value
            elif name in holding.sealed:
                field = SealedField(holding.table.name, name, holding.sealed[name](row))
                try:
                    opened = self._sealer.unseal_for_member(connection, person.member_id, field, value)
                except SealBroken:
                    shown[name] = UNREADABLE  # one bad row keeps nobody from the rest
                    continue
                shown[name] = _value(opened)
            elif name in holding.sealed_by_service:
                field = SealedField(holding.table.name, name, holding.sealed_by_service[name](row))
                shown[name] = _value(self._sealer.unseal_service(field, value))
            else:
                shown[name] = _value(value) if name in _FILE_COLUMNS else "0x" + bytes(value).hex()
        return shown

    def _order(self, member_id: str, held: list[HeldRows], issuing: Issuing, language: str) -> dict[str, Any]:
        words = messages.sections_in(language)
        sections: dict[str, dict[str, Any]] = {}
        for one in held:
            section = sections.setdefault(
                one.section, {**asdict(words[one.section]), "count": 0, "rows": [], "more": 0}
            )
            shown = one.rows[:MAX_ROWS_ON_PAPER]
            section["count"] += one.count
            section["rows"] += [_pairs(row, language) for row in shown]
            section["more"] += one.count - len(shown)
        person = next(row for one in held if one.table == "members" for row in one.rows)
        return {
            "language": language,
            "issuing": [issuing.name, issuing.unit, issuing.issuer, issuing.is_demo],
            "account": person["account_address"],
            "at_unix_ms": self._clock.now_unix_ms(),
            "sections": list(sections.values()),
        }

    def _note(self, member_id: str, form: str, given: HandedOver | None = None) -> None:
        with UnitOfWork(self._engine) as work:
            actor, subject = given.by if given else Actor("member", member_id), Subject("member", member_id)
            ground, details = given.ground if given else None, {"form": form}
            self._journal.append(
                work.connection, actor, EXPORTED_ACT, subject, ground=ground, details=details
            )


def _person(connection: Connection, member_id: str) -> Person:
    member = members.find(connection, member_id)
    if member is None:
        raise MemberUnknown
    return Person(member.id, member.account_address)


def _value(opened: bytes) -> Any:
    """What was sealed: JSON, a text, or a file as base64."""
    try:
        text = opened.decode()
    except UnicodeDecodeError:
        return base64.b64encode(opened).decode()
    try:
        read = json.loads(text)
    except ValueError:
        return text
    return read if isinstance(read, dict) else text


def _pairs(row: Mapping[str, Any], language: str) -> list[tuple[str, str | int | bool, str]]:
    """(label, value, of what kind) of what people read; the kind is the column's ending."""
    pairs: list[tuple[str, str | int | bool, str]] = []
    for name, value in row.items():
        label = messages.label_of(name, language)
        if label is None or value is None or value == "":
            continue
        if isinstance(value, dict):
            pairs += [(f"{label}, {key}", text, "text") for key, text in _flat(value)]
        else:
            pairs.append((label, value, _kind(name)))
    return pairs


def _flat(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (key, text if isinstance(text, str) else json.dumps(text, ensure_ascii=False))
        for key, text in value.items()
        if text not in (None, "", [], {})
    ]


def _kind(column: str) -> str:
    return next(
        (ending for ending in ("cents", "unix_ms", "unix_s") if column.endswith("_" + ending)), "text"
    )


def _file_name(ending: str) -> str:
    """Without anything personal: files travel."""
    return f"my-data.{ending}"
