"""What every client reads first: the currency, the chain, and how old the last block is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from fastapi.testclient import TestClient
from sqlalchemy import insert

from tests.support.web import HttpFixture
from wallet_service.chain.node.pulse import Pulse
from wallet_service.chain.reading.progress import Progress
from wallet_service.database.tables.chain import blocks
from wallet_service.database.unit_of_work import UnitOfWork

AGE_S = 3
WORD = "0x" + "ab" * 32


def test_the_time_of_the_last_block_read_is_told(env: HttpFixture, wallet: TestClient) -> None:
    made_at_unix_s = env.clock.now_unix_s() - AGE_S
    with UnitOfWork(env.engine) as work:
        for number in (6, 7):
            block = {
                "number": number,
                "hash": WORD[:-1] + str(number),
                "parent_hash": WORD,
                "timestamp_unix_s": made_at_unix_s - 7 + number,
                "indexed_at_unix_ms": env.clock.now_unix_ms(),
            }
            work.connection.execute(insert(blocks).values(block))
    progress = Progress(env.engine, env.clock, cast(Pulse, SimpleNamespace(head=lambda: None)))
    env.watches.progress = progress
    assert wallet.get("/v1/config").json()["chain_head_unix_s"] is None
    assert progress.are_read()
    said = wallet.get("/v1/config").json()
    assert said["chain_head_unix_s"] == made_at_unix_s
    assert said["server_time_unix_ms"] // 1000 - said["chain_head_unix_s"] == AGE_S


def test_before_the_first_block_the_rest_is_still_told(wallet: TestClient) -> None:
    answer = wallet.get("/v1/config")
    assert answer.status_code == 200
    assert answer.json()["chain_head_unix_s"] is None
    assert answer.json()["currency"]["name"]
