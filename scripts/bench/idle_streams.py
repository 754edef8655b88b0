"""Measures what thousands of idle streams leave to others: a place each, and a payment's time.

Run by hand: `python -m scripts.bench.idle_streams`; never part of the checks. On a whole system of its own
(node, service and till as processes) `--members` wallets hold as many streams as each may have, tills of two
shops every place of the tills, and strangers of as many addresses as that needs (all of 127.0.0.0/8) every
place that is anybody's. Then those same strangers want one more each, strangers of further addresses and
tills of a third shop come, a new member and a new tablet ask for their streams, and payments are made, as
they were before. Ends with 1 when more than their share went to strangers, or a member or a till got none.
`--write` writes docs/bench/idle_streams.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scripts.bench.till_latency import (
    PRICE_CENTS,
    RESULTS,
    TOPUP_CENTS,
    WARM_UP_PAYMENTS,
    machine,
    measured_system,
    pay_one,
    percentiles,
)
from scripts.demo.customer import Phone, Stream, Tablet, wait_until
from scripts.demo_book import Credit
from tests.support.callers import professional
from tests.support.system import System
from tests.support.web import Device
from wallet_service.listening.open_files import need_open_files
from wallet_service.members.service import PROOF_PREFIX, NewWallet
from wallet_service.platform.journal import SERVICE
from wallet_service.platform.listeners import ROOMS, Audience
from wallet_service.protocol.signing import p256
from wallet_service.security.tokens import encode
from wallet_service.tills.service import MAX_ACTIVE_TILLS

MEMBERS = 240
MAX_MEMBERS = ROOMS[Audience.MEMBER].streams // ROOMS[Audience.MEMBER].per_client
PAYMENTS = 50
#: Strangers of further addresses who come when the public places are taken.
FURTHER = 200
#: Tills of further shops who come when the tills' places are taken, each in the place of whoever holds most.
FURTHER_TILLS = 20
STREAMS_PER_TILL = 10
#: The relay's own streams of the tills, one each: the tablet that is paid at, and the one that comes later.
TABLETS = 2
#: Opened side by side; more would only wait for the service's two cores.
AT_ONCE = 20
ANSWER_DEADLINE_S = 30.0
OWN_FILES = 8_192
LOOPBACK = "127.0.0.1"
READ_BYTES, SILENCE_S = 65_536, 1.0
#: The end of an answer in chunks (RFC 9112, 7.1).
LAST_CHUNK = b"0\r\n\r\n"
STREAM_OPENED, REFUSED = 200, 503
TILL_EVENTS = "/v1/till/events"
DATABASES = ("sqlite", "postgresql")


@dataclass
class Crowd:
    """Streams held open from this process, each on a connection of its own that nobody reads further."""

    host: str
    port: int
    statuses: Counter[int] = field(default_factory=Counter)
    opened_s: list[float] = field(default_factory=list)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _readers: list[asyncio.StreamReader] = field(default_factory=list)

    async def open(self, path: str, address: str, header: str = "") -> int:
        """The answer's status; a stream that opened stays."""
        started_s = time.monotonic()
        reader, writer = await asyncio.open_connection(LOOPBACK, self.port, local_addr=(address, 0))
        request = f"GET {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{header}\r\n"
        writer.write(request.encode())
        line = await asyncio.wait_for(reader.readline(), ANSWER_DEADLINE_S)
        status = int(line.split()[1])
        self.statuses[status] += 1
        if status == STREAM_OPENED:
            await asyncio.wait_for(reader.readuntil(b"event: stream.open"), ANSWER_DEADLINE_S)
            self.opened_s.append(time.monotonic() - started_s)
            self._writers.append(writer)
            self._readers.append(reader)
        else:
            writer.close()
        return status

    async def open_all(self, wanted: Sequence[tuple[str, str, str]]) -> Counter[int]:
        """(path, address, header) each, AT_ONCE at a time; how often each status came."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one(path: str, address: str, header: str) -> int:
            async with places:
                return await self.open(path, address, header)

        return Counter(await asyncio.gather(*(one(*each) for each in wanted)))

    async def still_open(self) -> int:
        """Those the service has not ended."""
        return sum(await asyncio.gather(*(_is_silent(reader) for reader in self._readers)))

    def close(self) -> None:
        for writer in self._writers:
            with contextlib.suppress(OSError):
                writer.close()


async def _is_silent(reader: asyncio.StreamReader) -> bool:
    """What had come is read; then nothing comes, and the answer had not ended.

    The connection of one that had stays a while for the next request.
    """
    told = b""
    try:
        while part := await asyncio.wait_for(reader.read(READ_BYTES), SILENCE_S):
            told = (told + part)[-len(LAST_CHUNK) :]
    except TimeoutError:
        return told != LAST_CHUNK
    except ConnectionError:
        pass
    return False


def _address(number: int) -> str:
    """One of the machine's own, each another client to the service."""
    return f"127.{1 + number // 250 // 250}.{number // 250 % 250}.{1 + number % 250}"


def _make_members(system: System, count: int) -> list[str]:
    """Cookie headers of one session of each."""
    members, headers = system.services.members, []
    for _ in range(count):
        key = p256.new_private_key()
        public_key = "0x" + p256.point_of(key).hex()
        proof = encode(p256.sign_message(key, f"{PROOF_PREFIX}{public_key}".encode()))
        member = members.create_wallet(NewWallet(public_key, proof))
        session = system.services.sessions.open_now("member", member.id, "device")
        headers.append(f"Cookie: alba_session={session.token}\r\n")
    return headers


@dataclass(frozen=True)
class Till:
    """A paired till with its key, which signs anew for each stream."""

    id: str
    key: Device

    def header(self) -> str:
        now_unix_ms = int(time.time() * 1000)
        signed = self.key.till_headers(self.id, "GET", TILL_EVENTS, now_unix_ms)
        return "".join(f"{name}: {value}\r\n" for name, value in signed.items())


def _make_tills(system: System, count: int) -> list[Till]:
    """As many shops as they need."""
    services = system.services
    made: list[Till] = []
    while len(made) < count:
        shop = services.members.create_professional(
            professional(Device(p256.new_private_key()).public_key), SERVICE
        )
        for _ in range(min(MAX_ACTIVE_TILLS, count - len(made))):
            key = Device(p256.new_private_key())
            code = services.tills.make_pairing_code(shop.id, "Caisse").code
            made.append(Till(services.tills.pair(code, key.public_key, None).till_id, key))
    return made


def _pay(phone: Phone, tablet: Tablet, stream: Stream, payments: int) -> dict[str, dict[str, float]]:
    answered, paid = [], []
    for number in range(WARM_UP_PAYMENTS + payments):
        done = pay_one(phone, tablet, stream)
        if number >= WARM_UP_PAYMENTS:
            answered.append(done.answered_at_s - done.sent_at_s)
            paid.append(done.paid_at_s - done.sent_at_s)
    return {"accepted": percentiles(sorted(answered)), "paid on the till": percentiles(sorted(paid))}


def measure(system: System, members: int, payments: int) -> dict[str, Any]:
    assert (WARM_UP_PAYMENTS + payments) * 2 * PRICE_CENTS <= TOPUP_CENTS
    phone = Phone(system.wallet)
    system.bank_day(Credit(phone.announce_topup(TOPUP_CENTS), TOPUP_CENTS))
    wait_until(lambda: phone.available_cents() == TOPUP_CENTS, "the euros have arrived")
    tablet = Tablet(system.till, system.pairing_code())
    stream = Stream(tablet.http, "/api/events")
    headers = _make_members(system, members)
    tills = _make_tills(system, ROOMS[Audience.TILL].streams // STREAMS_PER_TILL)
    late_tills = _make_tills(system, FURTHER_TILLS)
    newcomer = Phone(system.wallet)  # its enrolment comes after all of theirs
    before = _pay(phone, tablet, stream, payments)
    found = asyncio.run(
        _with_crowd(system, headers, (tills, late_tills), (phone, tablet, stream), newcomer, payments)
    )
    stream.close()
    return {**found, "before": before}


async def _with_crowd(
    system: System,
    headers: Sequence[str],
    tills: tuple[Sequence[Till], Sequence[Till]],
    payers: tuple[Phone, Tablet, Stream],
    newcomer: Phone,
    payments: int,
) -> dict[str, Any]:
    where = urlsplit(system.wallet)
    assert where.hostname is not None
    assert where.port is not None
    crowd = Crowd(where.hostname, where.port)
    member_room, public_room = ROOMS[Audience.MEMBER], ROOMS[Audience.PUBLIC]
    addresses = [_address(number) for number in range(public_room.streams // public_room.per_client)]
    path = "/v1/public/events"
    try:
        seated = await crowd.open_all(
            [("/v1/events", "127.0.0.1", header) for header in headers for _ in range(member_room.per_client)]
        )
        at_tills = await crowd.open_all(
            [(TILL_EVENTS, LOOPBACK, till.header()) for till in tills[0] for _ in range(STREAMS_PER_TILL)]
        )
        each_full = [(path, address, "") for address in addresses for _ in range(public_room.per_client)]
        public = await crowd.open_all(each_full)
        again = await crowd.open_all([(path, address, "") for address in addresses])
        others = [(path, _address(len(addresses) + number), "") for number in range(FURTHER)]
        further = await crowd.open_all(others)
        late_tills = await crowd.open_all([(TILL_EVENTS, LOOPBACK, till.header()) for till in tills[1]])
        opened_s = sorted(crowd.opened_s)
        newcomer_s = await asyncio.to_thread(_seconds_to_hear, newcomer.http, "/v1/events")
        tablet = Tablet(system.till, system.pairing_code())
        till_s = await asyncio.to_thread(_seconds_to_hear, tablet.http, "/api/events")
        after = await asyncio.to_thread(_pay, *payers, payments)
        return {
            "members' streams opened": seated[STREAM_OPENED],
            "tills' streams opened, of two shops": at_tills[STREAM_OPENED],
            "tills of another shop, each in the place of one of those": late_tills[STREAM_OPENED],
            "public streams opened, by strangers of a few addresses": public[STREAM_OPENED],
            "one more of each such address: refused": again[REFUSED],
            "strangers of further addresses, each in the place of one of those": further[STREAM_OPENED],
            "opening one stream": percentiles(opened_s),
            "a new member's stream opened after, ms": round(newcomer_s * 1000),
            "a new tablet's stream opened after, ms": round(till_s * 1000),
            "of the crowd's streams, open at the end": await crowd.still_open(),
            "after": after,
        }
    finally:
        crowd.close()


def _seconds_to_hear(client: Any, path: str) -> float:
    """Until the stream is there. Raises NotAsExpected."""
    started_s = time.monotonic()
    Stream(client, path).close()
    return time.monotonic() - started_s


def holds(found: dict[str, Any], members: int) -> bool:
    public, mine = ROOMS[Audience.PUBLIC], members * ROOMS[Audience.MEMBER].per_client
    tills = ROOMS[Audience.TILL].streams
    expected = {
        "members' streams opened": mine,
        "tills' streams opened, of two shops": tills,
        "tills of another shop, each in the place of one of those": FURTHER_TILLS,
        "public streams opened, by strangers of a few addresses": public.streams,
        "one more of each such address: refused": public.streams // public.per_client,
        "strangers of further addresses, each in the place of one of those": FURTHER,
        # The tablets that are paid at took places of the tills' crowd too.
        "of the crowd's streams, open at the end": mine + public.streams + tills - TABLETS,
    }
    return all(found[name] == count for name, count in expected.items())


def as_markdown(results: dict[str, dict[str, Any]]) -> str:
    lines = [
        "# Thousands of idle streams",
        "",
        "Written by `python -m scripts.bench.idle_streams --write`: members, tills and strangers hold",
        "streams of one service, tills all their places, strangers more than have one; then a new member, a",
        f"new tablet, and payments one after the other. The crowd opens {AT_ONCE} at once; its process and",
        "the system share the machine.",
        "Times are milliseconds.",
        "",
    ]
    for database, found in results.items():
        lines += [f"## {database}", "", "| | |", "|---|---:|"]
        lines += [f"| {name} | {value} |" for name, value in found.items() if not isinstance(value, dict)]
        lines += ["", "| | p50 | p95 | p99 | maximum |", "|---|---:|---:|---:|---:|"]
        rows = {"opening one stream": found["opening one stream"]}
        for when, words in (("before", "without the crowd"), ("after", "with the crowd")):
            rows |= {f"a payment {name}, {words}": figures for name, figures in found[when].items()}
        lines += [
            f"| {name} | " + " | ".join(f"{each:.0f}" for each in row.values()) + " |"
            for name, row in rows.items()
        ]
        lines.append("")
    lines += ["## Machine", "", *(f"* {name}: {value}" for name, value in machine().items()), ""]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="places and payments among thousands of idle streams")
    parser.add_argument(
        "--members", type=int, default=MEMBERS, choices=range(1, MAX_MEMBERS + 1), metavar="N"
    )
    parser.add_argument("--payments", type=int, default=PAYMENTS)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--write", action="store_true", help="write the results under docs/bench")
    given = parser.parse_args(arguments)
    need_open_files(OWN_FILES)
    results: dict[str, dict[str, Any]] = {}
    for database in given.database or DATABASES:
        with measured_system(database) as system:
            results[database] = measure(system, given.members, given.payments)
        print(database, results[database], flush=True)
    if given.write:
        (RESULTS / "idle_streams.md").write_text(as_markdown(results), encoding="utf-8")
    return 0 if all(holds(found, given.members) for found in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
