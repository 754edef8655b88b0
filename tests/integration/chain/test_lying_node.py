"""A node that lies: nothing is projected, ended or rewound on one answer, and the truth is taken after."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable

import pytest

from tests.support import lying_node
from tests.support.chain_world import Person, World
from tests.support.lying_node import Lie, LyingNode
from tests.support.node import ChainUnderTest
from wallet_service.accounts import wholeness
from wallet_service.chain.errors import NodeContradictsItself
from wallet_service.chain.node import doubts
from wallet_service.chain.node.client import NodeClient
from wallet_service.chain.node.wire import Wire
from wallet_service.chain.reading import rewinding
from wallet_service.chain.reading.indexer import Indexer
from wallet_service.chain.reading.rebuild import rebuild
from wallet_service.chain.sending import sender
from wallet_service.platform.errors import ChainUnavailable

pytestmark = pytest.mark.chain

ROUNDS = 5
IMPATIENT_ROUNDS = 3 * rewinding.REWIND_LOOKS


@pytest.fixture
def liar(chain: ChainUnderTest) -> LyingNode:
    return LyingNode(chain.node.wire)


def world_through(world: World, *wires: Wire) -> World:
    """The same service, asking these nodes."""
    access = world.chain.access
    client = NodeClient(access.profile, wires=wires)
    return World(
        world.engine, dataclasses.replace(world.chain, access=dataclasses.replace(access, client=client))
    )


@pytest.fixture
def lied_to(sqlite_world: World, liar: LyingNode) -> World:
    return world_through(sqlite_world, liar)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rewind is confirmed by three looks without any time between them: whatever holds, holds by proof."""
    monkeypatch.setattr(rewinding, "CONFIRM_REWIND_AFTER_S", 0.0)
    monkeypatch.setattr(rewinding, "PAUSE_BETWEEN_LOOKS_S", 0.0)


def send_and_wait(world: World, payer: Person, payee: Person, amount_cents: int) -> int:
    """A settlement that is in a block of the real node and not yet in the copy."""
    before = int(world.chain.node.request("eth_blockNumber"), 16)
    transaction_id = world.store(world.payment(payer, payee, amount_cents))
    world.sender.broadcast_stored()
    world.until(lambda: int(world.chain.node.request("eth_blockNumber"), 16) > before, lambda: None)
    return transaction_id


def rounds(world: World, count: int = ROUNDS) -> None:
    for _ in range(count):
        with contextlib.suppress(ChainUnavailable):
            world.indexer.run_once()


def is_undecided(world: World) -> bool:
    return world.indexer.is_undecided


CONTRADICTIONS = {
    "no logs": lying_node.without_logs,
    "no logs in the receipts either": lying_node.without_logs_anywhere,
    "the last log is missing": lying_node.without_the_last_log,
    "another amount": lying_node.with_another_amount,
    "everything failed": lying_node.with_reverted_receipts,
    "everything failed without logs": lying_node.with_failures_and_no_logs,
    "empty blocks without logs": lying_node.without_transactions,
}


@pytest.mark.parametrize("lie", CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_range_is_not_taken_when_the_answers_exclude_each_other(
    lied_to: World, liar: LyingNode, lie: Lie
) -> None:
    world = lied_to
    payer, payee = world.funded_pair()
    transaction_id = send_and_wait(world, payer, payee, 100)
    before = world.event_names()
    with liar.telling(lie):
        with pytest.raises(NodeContradictsItself):
            world.indexer.run_once()
        rounds(world)
    assert world.event_names() == before
    assert world.transaction_state(transaction_id) == "stored"
    assert not world.indexer.doubts.is_clear()
    world.run_until_idle()
    assert world.indexer.doubts.is_clear()
    assert world.posted(payee.address) == 100
    world.check_books(payer, payee)


def test_a_node_without_receipts_is_doubted_when_it_goes_on(
    lied_to: World, liar: LyingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = lied_to
    payer, payee = world.funded_pair()
    transaction_id = send_and_wait(world, payer, payee, 100)
    with liar.telling(lying_node.without_receipts):
        rounds(world)
        assert world.indexer.doubts.is_clear(), "a block may change between two questions"
        monkeypatch.setattr(doubts, "UNSETTLED_FOR_S", 0.0)
        rounds(world)
        assert world.indexer.doubts.kind == "unsettled"
    assert world.transaction_state(transaction_id) == "stored"
    world.run_until_idle()
    assert world.posted(payee.address) == 100
    assert world.indexer.doubts.is_clear()


def paid_world(world: World) -> tuple[Person, Person, int]:
    """Four payments, each in a block of its own; the head's number."""
    payer, payee = world.funded_pair()
    for _ in range(4):
        world.store(world.payment(payer, payee, 100))
        world.run_until_idle()
    return payer, payee, int(world.chain.node.request("eth_blockNumber"), 16)


@pytest.mark.usefixtures("impatient")
def test_one_wrong_number_or_hash_never_rewinds(lied_to: World, liar: LyingNode) -> None:
    world = lied_to
    _payer, payee, head = paid_world(world)
    lies: list[Lie] = [
        lying_node.with_negative_head,
        lying_node.with_older_head,
        lying_node.with_another_hash_of(head),
        lying_node.with_nothing,
    ]
    for lie in lies:
        with liar.telling(lie):
            rounds(world, IMPATIENT_ROUNDS)
        assert world.rewound_to == []
        assert world.posted(payee.address) == 400
    world.run_until_idle()
    assert world.indexer.doubts.is_clear()


@pytest.mark.usefixtures("impatient")
def test_hashes_that_form_no_chain_never_rewind(lied_to: World, liar: LyingNode) -> None:
    world = lied_to
    _, payee, head = paid_world(world)
    wrong = [lying_node.with_another_hash_of(number) for number in range(head - 3, head + 1)]

    def lie(method: str, params: list[object], result: object) -> object:
        for one in wrong:
            result = one(method, params, result)
        return result

    with liar.telling(lie):
        with pytest.raises(NodeContradictsItself, match="parent"):
            world.indexer.run_once()
        rounds(world, IMPATIENT_ROUNDS)
    assert world.rewound_to == []
    assert world.posted(payee.address) == 400


@pytest.mark.usefixtures("impatient")
def test_a_shorter_chain_is_believed_only_after_asking_again(
    lied_to: World, liar: LyingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = lied_to
    payer, payee, head = paid_world(world)
    monkeypatch.setattr(rewinding, "CONFIRM_REWIND_AFTER_S", 3_600.0)
    with liar.telling(lying_node.ending_at(head - 3)):
        rounds(world, IMPATIENT_ROUNDS)
        assert world.rewound_to == []
        assert is_undecided(world)
    rounds(world)
    assert not is_undecided(world), "the finding is forgotten with the lie"
    monkeypatch.setattr(rewinding, "CONFIRM_REWIND_AFTER_S", 0.0)
    with liar.telling(lying_node.ending_at(head - 3)):
        rounds(world, rewinding.REWIND_LOOKS - 1)
        assert world.rewound_to == []
        world.until(lambda: world.rewound_to == [head - 3], lambda: rounds(world, 1))
        assert not wholeness.is_whole(world.engine)
    world.run_until_idle()
    assert wholeness.is_whole(world.engine)
    assert world.posted(payee.address) == 400
    world.check_books(payer, payee)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("kept", "kind"), [(3, "rewind_too_deep"), (None, "other_chain")])
def test_a_rewind_is_bounded(
    lied_to: World, liar: LyingNode, monkeypatch: pytest.MonkeyPatch, kept: int | None, kind: str
) -> None:
    world = lied_to
    _, payee, head = paid_world(world)
    monkeypatch.setattr(rewinding, "MAX_REWIND_BLOCKS", 2)
    last = world.chain.deployment.deployed_at_block - 1 if kept is None else head - kept
    with liar.telling(lying_node.ending_at(last)):
        rounds(world, IMPATIENT_ROUNDS)
        assert world.indexer.doubts.kind == kind
    assert world.rewound_to == []
    assert world.posted(payee.address) == 400


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("place", [0, 1])
def test_a_second_node_that_has_our_last_block_forbids_a_rewind(
    sqlite_world: World, liar: LyingNode, place: int
) -> None:
    wires: list[Wire] = [sqlite_world.chain.node.wire]
    wires.insert(place, liar)
    world = world_through(sqlite_world, *wires)
    payer, payee, head = paid_world(world)
    with liar.telling(lying_node.ending_at(head - 3)):
        rounds(world, IMPATIENT_ROUNDS)
        assert world.rewound_to == []
        world.store(world.payment(payer, payee, 100))
        world.until(lambda: world.posted(payee.address) == 500)
    assert world.rewound_to == []


def test_a_second_node_is_asked_when_the_first_contradicts_itself(
    sqlite_world: World, liar: LyingNode
) -> None:
    world = world_through(sqlite_world, liar, sqlite_world.chain.node.wire)
    payer, payee = world.funded_pair()
    with liar.telling(lying_node.without_logs):
        world.store(world.payment(payer, payee, 100))
        world.until(lambda: world.posted(payee.address) == 100)
    assert world.indexer.doubts.is_clear()


def test_a_mined_transaction_without_receipt_is_not_given_up(
    lied_to: World, liar: LyingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = lied_to
    payer, payee = world.funded_pair()
    monkeypatch.setattr(sender, "DISPLACED_AFTER_S", 0.0)
    monkeypatch.setattr(sender, "REBROADCAST_AFTER_S", 0.0)
    transaction_id = send_and_wait(world, payer, payee, 100)

    with liar.telling(lying_node.without_receipts):
        for _ in range(ROUNDS):
            world.sender.run_once()
            rounds(world, 1)
        assert world.sender.unmined({transaction_id}) == set()
    assert world.transaction_state(transaction_id) == "stored"
    world.run_until_idle()
    assert world.transaction_state(transaction_id) == "mined"
    assert world.posted(payee.address) == 100


def test_a_stored_transaction_nobody_has_mined_is_known_as_such(lied_to: World, liar: LyingNode) -> None:
    world = lied_to
    payer, payee = world.funded_pair()
    transaction_id = world.store(world.payment(payer, payee, 100))
    assert world.sender.unmined({transaction_id}) == {transaction_id}
    with liar.telling(lying_node.with_nothing), pytest.raises(ChainUnavailable):
        world.sender.unmined({transaction_id})
    world.run_until_idle()
    assert world.sender.unmined({transaction_id}) == set()


QUESTIONS: dict[str, Callable[[World], object]] = {
    "indexer": lambda world: world.indexer.run_once(),
    "head": lambda world: world.chain.reader().head(),
    "supply": lambda world: world.chain.reader().supply_cents(),
    "reserve": lambda world: world.chain.reader().reserve(),
    "stops": lambda world: world.chain.reader().stops(),
    "limits": lambda world: world.chain.reader().tier_limits(),
    "floors": lambda world: world.chain.reader().passkey_floors(),
    "issuance": lambda world: world.chain.reader().issuance(),
    "account": lambda world: world.chain.reader().account("0x" + "31" * 20),
    "transaction count": lambda world: world.chain.access.client.transaction_count("0x" + "31" * 20),
    "rebuild": lambda world: rebuild(world.engine, world.indexer),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_null_is_a_ledger_that_does_not_answer(
    lied_to: World, liar: LyingNode, question: Callable[[World], object]
) -> None:
    with liar.telling(lying_node.with_nothing), pytest.raises(ChainUnavailable):
        question(lied_to)


def test_a_copy_far_behind_says_so_until_it_has_caught_up(
    lied_to: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = lied_to
    world.run_until_idle()
    monkeypatch.setattr(wholeness, "MAX_LAG_BLOCKS", 10)
    started = Indexer(world.engine, world.chain.access, world.registry, world.clock)
    for _ in range(80):
        world.chain.node.request("evm_mine")
    started.run_once()
    assert not wholeness.is_whole(world.engine)
    started.catch_up()
    assert wholeness.is_whole(world.engine)


def test_a_head_that_does_not_exist_makes_nobody_wait(
    lied_to: World, liar: LyingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = lied_to
    world.run_until_idle()
    monkeypatch.setattr(wholeness, "MAX_LAG_BLOCKS", 10)
    started = Indexer(world.engine, world.chain.access, world.registry, world.clock)
    for _ in range(60):
        world.chain.node.request("evm_mine")
    with liar.telling(lambda method, params, result: "0xfffff" if method == "eth_blockNumber" else result):
        assert started.run_once() > 0
    assert wholeness.is_whole(world.engine)
