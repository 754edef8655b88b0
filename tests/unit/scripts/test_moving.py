"""A ledger's state on its way to another chain: what its events mean, what is carried, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from scripts.ledger.moving import statement
from scripts.ledger.moving.moving import Differs, compare
from scripts.ledger.moving.plan import CannotMove, allotted, make_plan, parted
from scripts.ledger.moving.state import NOBODY, STOP_EVERYTHING, Event, LedgerState, fold

ALICE, BAKER, REGION = ("0x" + letter * 40 for letter in "abc")
ESCROW = "0x" + "e" * 40
REF, SECOND_REF, CAMPAIGN = ("0x" + letter * 64 for letter in "123")
PHONE = "0x" + "f" * 40
NOW = 1_800_000_000
TODAY = NOW // 86_400
ORIGIN = "1 0xledger"


def enrolled(account: str, last_day: int = 0) -> Event:
    return "MemberEnrolled", {
        "account": account,
        "kind": 1,
        "tier": 3,
        "sector": 0,
        "expiresAtDay": last_day,
    }


def minted(to: str, cents: int, ref: str) -> list[Event]:
    return [
        ("Transfer", {"from": NOBODY, "to": to, "value": cents}),
        ("Minted", {"to": to, "ref": ref, "value": cents, "issuer": REGION}),
    ]


def life(*more: Event) -> LedgerState:
    """Two members, a payment, everything stopped."""
    return fold(
        [
            enrolled(ALICE),
            enrolled(BAKER),
            ("IssuanceChanged", {"attestationMaxAge": 100, "dailyMintQuota": 5_000}),
            *minted(ALICE, 1_000, REF),
            *minted(BAKER, 50, SECOND_REF),
            ("Transfer", {"from": ALICE, "to": BAKER, "value": 300}),
            *more,
            ("Stopped", {"what": 7, "stops": STOP_EVERYTHING}),
        ]
    )


def test_balances_are_carried_to_the_cent_and_every_reference_once() -> None:
    plan = make_plan(life(), ORIGIN, NOW)
    carried: dict[str, int] = {}
    for account, cents, _ in plan.mints:
        carried[account] = carried.get(account, 0) + cents
    assert carried == {ALICE: 700, BAKER: 350}
    references = [ref for _, _, ref in plan.mints]
    assert len(set(references)) == len(references)
    assert {REF, SECOND_REF} < set(references)


@pytest.mark.parametrize("accounts", [1, 3, 7])
@pytest.mark.parametrize("references", [0, 1, 9, 21])
def test_the_allotment_is_whole_for_any_numbers(accounts: int, references: int) -> None:
    balances = {f"account-{number}": 3 + number for number in range(accounts)}
    refs = [f"ref-{number:02}" for number in range(references)]
    if references > sum(balances.values()):
        with pytest.raises(CannotMove, match="more references than cents"):
            allotted(balances, refs, lambda account: f"own {account}")
        return
    mints = allotted(balances, refs, lambda account: f"own {account}")
    for account, cents in balances.items():
        assert sum(one[1] for one in mints if one[0] == account) == cents
    assert len({one[2] for one in mints}) == len(mints)
    assert set(refs) <= {one[2] for one in mints}


def test_large_balances_take_two_issuers_and_pieces_count_together() -> None:
    mints = [(ALICE, 60, "a"), (ALICE, 39, "b"), (ALICE, 1, "c"), (BAKER, 100, "d"), (BAKER, 99, "e")]
    assert parted(mints, 100) == ([mints[0], mints[1], mints[4]], [mints[2], mints[3]])
    assert parted(mints, 0) == (mints, [])


def test_a_ledger_that_is_not_wholly_stopped_is_not_moved() -> None:
    state = life(("Stopped", {"what": 1, "stops": 1}))
    state.stops = 1
    with pytest.raises(CannotMove, match="not all stopped"):
        make_plan(state, ORIGIN, NOW)


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("RedemptionRequested", {"account": BAKER, "ref": REF, "value": 5, "payeeHash": REF}),
        ("MintProposed", {"to": ALICE, "ref": CAMPAIGN, "value": 5, "issuer": REGION, "expiresAt": 1}),
        ("RecoveryProposed", {"account": ALICE, "number": 1, "newSigner": PHONE, "signerKind": 2}),
        ("ForcedTransferProposed", {"number": 1, "from": ALICE, "to": BAKER, "value": 5}),
        ("KeySuspended", {"account": ALICE, "signer": ALICE, "until": NOW + 1, "groundHash": REF}),
        ("AmountHeld", {"account": ALICE, "amount": 5}),
    ],
)
def test_what_is_under_way_is_ended_first(name: str, event: dict[str, Any]) -> None:
    with pytest.raises(CannotMove, match="not ended yet"):
        make_plan(life((name, event)), ORIGIN, NOW)


def test_a_redemption_that_ended_holds_nothing_up() -> None:
    asked = {"account": BAKER, "ref": REF, "value": 5, "payeeHash": REF}
    state = life(("RedemptionRequested", asked), ("RedemptionReturned", asked | {"reason": REF}))
    assert make_plan(state, ORIGIN, NOW).mints


SUSPENDED = ("KeySuspended", {"account": ALICE, "signer": ALICE, "until": NOW + 1, "groundHash": REF})


@pytest.mark.parametrize(
    "both",
    [
        (SUSPENDED, ("KeyReleased", {"account": ALICE, "signer": ALICE, "groundHash": REF})),
        (
            SUSPENDED,
            ("RecoveryExecuted", {"account": ALICE, "number": 1, "newSigner": PHONE, "signerKind": 2}),
        ),
        (("AmountHeld", {"account": ALICE, "amount": 5}), ("AmountHeld", {"account": ALICE, "amount": 0})),
    ],
    ids=["released", "recovered", "held no more"],
)
def test_what_was_suspended_or_held_and_is_no_more_holds_nothing_up(both: tuple[Event, Event]) -> None:
    assert make_plan(life(*both), ORIGIN, NOW).mints


def test_an_open_campaigns_rest_goes_back_to_its_funder_and_is_told() -> None:
    opened = {"ref": CAMPAIGN, "funder": BAKER, "value": 200, "terms": {"amount": 200}}
    state = life(
        ("Transfer", {"from": BAKER, "to": ESCROW, "value": 200}),
        ("CampaignOpened", opened),
        ("Transfer", {"from": ESCROW, "to": ALICE, "value": 30}),
        ("BenefitSpent", {"campaign": CAMPAIGN, "payer": ALICE, "ref": REF, "value": 30, "payee": BAKER}),
    )
    plan = make_plan(state, ORIGIN, NOW)
    assert plan.expected.balances == {ALICE: 730, BAKER: 320}
    assert any(CAMPAIGN in sentence and "170 cents" in sentence for sentence in plan.told)


def test_a_lost_own_key_is_dead_on_the_new_ledger_too() -> None:
    """The new ledger would let it sign again: the account is frozen and the key taken away."""
    state = life(
        ("RecoveryExecuted", {"account": ALICE, "number": 1, "newSigner": PHONE, "signerKind": 2}),
    )
    plan = make_plan(state, ORIGIN, NOW)
    assert plan.ended_keys == [ALICE]
    assert plan.freezes[ALICE] == [0, 1, 0]
    assert plan.expected.signers[ALICE] == {}
    assert any(PHONE in sentence for sentence in plan.told)


def test_a_freeze_is_carried_and_one_that_is_over_is_not() -> None:
    def frozen(account: str, until: int) -> Event:
        return "Frozen", {"account": account, "incoming": True, "outgoing": True, "until": until}

    plan = make_plan(life(frozen(ALICE, 0), frozen(BAKER, NOW - 1)), ORIGIN, NOW)
    assert plan.freezes == {ALICE: [1, 1, 0]}


def test_an_identity_that_is_over_is_told() -> None:
    plan = make_plan(life(enrolled(REGION, TODAY - 3)), ORIGIN, NOW)
    assert plan.expected.members[REGION][3] == TODAY + 1
    assert any(REGION in sentence for sentence in plan.told)


def test_one_cent_elsewhere_is_a_difference() -> None:
    expected = make_plan(life(), ORIGIN, NOW).expected
    found = LedgerState(**{**vars(expected), "balances": {ALICE: 701, BAKER: 349}, "stops": STOP_EVERYTHING})
    with pytest.raises(Differs, match="700 expected, 701 found"):
        compare(expected, found)
    found.balances = dict(expected.balances)
    compare(expected, found)
    found.stops = 0
    with pytest.raises(Differs, match="not stopped"):
        compare(expected, found)


def test_two_officers_sign_the_same_words() -> None:
    governor, attester, thief = (Account.create() for _ in range(3))
    roles = {"GOVERNOR": governor.address, "ATTESTER": attester.address}
    state = life()
    order = statement.order_of({"chain_id": 1}, {"chain_id": 2}, state, make_plan(state, ORIGIN, NOW))

    def word(account: Any, signed: dict[str, Any]) -> str:
        message = encode_defunct(text=statement.words_of(signed))
        return "0x" + bytes(account.sign_message(message).signature).hex()

    good = {"GOVERNOR": word(governor, order), "ATTESTER": word(attester, order)}
    statement.require_four_eyes(order, good, roles)
    for wrong in (
        {},
        good | {"ATTESTER": good["GOVERNOR"]},
        good | {"ATTESTER": word(thief, order)},
        good | {"ATTESTER": word(attester, order | {"supply_cents": 1})},
    ):
        with pytest.raises(statement.NotSigned):
            statement.require_four_eyes(order, wrong, roles)
