"""What may follow what, whom a typed number means, when two officers sign."""

from __future__ import annotations

import itertools

import pytest

from wallet_service.protocol.text.references import topup_reference
from wallet_service.protocol.transitions import IllegalTransition, check_transition
from wallet_service.recoveries import decisions
from wallet_service.recoveries.models import RecoveryState

S = RecoveryState
#: Said once more, by hand: a transition that slips into the table fails here.
ENDS = (S.VETOED, S.CANCELLED, S.EXECUTED, S.LAPSED)
ALLOWED = {
    *((S.ASKED, each) for each in (S.PROPOSING, S.PROPOSED, S.VETOED, S.CANCELLED, S.LAPSED)),
    (S.PROPOSING, S.ASKED),
    (S.PROPOSING, S.PROPOSED),
    *((S.PROPOSED, each) for each in (S.PROPOSING, S.EXECUTING, S.VETOING, *ENDS)),
    *((S.EXECUTING, each) for each in (S.PROPOSING, S.PROPOSED, *ENDS)),
    (S.EXECUTING, S.VETOING),
    *((S.VETOING, each) for each in (S.PROPOSING, S.PROPOSED, *ENDS)),
    (S.VETOED, S.VETOING),
    (S.CANCELLED, S.PROPOSED),
    (S.EXECUTED, S.EXECUTING),
}


@pytest.mark.parametrize(("source", "target"), sorted(set(itertools.product(S, S)) - ALLOWED))
def test_a_forbidden_transition_raises(source: RecoveryState, target: RecoveryState) -> None:
    with pytest.raises(IllegalTransition):
        check_transition(decisions.TRANSITIONS, source, target)


@pytest.mark.parametrize(("source", "target"), sorted(ALLOWED))
def test_every_way_on_is_open(source: RecoveryState, target: RecoveryState) -> None:
    check_transition(decisions.TRANSITIONS, source, target)


@pytest.mark.parametrize("typed", ["7K3M9QXZ", "7k3m 9qxz", " 7K3M-9QXZ ", "7K3M\u00a09QXZ"])
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    assert decisions.typed_number(typed) == "7K3M9QXZ"


def test_letters_a_number_never_holds_are_the_digits_they_look_like() -> None:
    assert decisions.typed_number("OIL0 UUUU") == "0110VVVV"


@pytest.mark.parametrize("typed", ["", "7K3M", "7K3M9QXZ1", "%______%", "7K3M9QX_"])
def test_what_is_no_number_means_nobody(typed: str) -> None:
    assert decisions.typed_number(typed) is None


def test_a_reference_is_read_with_its_spaces_and_only_with_right_check_digits() -> None:
    reference = topup_reference("ABC123")
    assert decisions.typed_reference(f" {reference[:4].lower()} {reference[4:]}") == reference
    assert decisions.typed_reference("RF00ABC123") is None


def test_a_request_has_the_same_form_of_number_whatever_its_token() -> None:
    shown = decisions.request_number("ab" * 32)
    assert shown == decisions.request_number("ab" * 32) != decisions.request_number("cd" * 32)
    assert decisions.typed_number(shown) == shown


def test_two_officers_sign_from_the_amount_on() -> None:
    limit = decisions.TWO_OFFICERS_FROM_CENTS
    assert [decisions.takes_two(each, may_object=True) for each in (limit - 1, limit)] == [False, True]


def test_two_officers_sign_for_any_amount_where_no_key_could_object() -> None:
    assert decisions.takes_two(0, may_object=False)
