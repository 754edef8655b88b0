"""One table of states for every face: complete for what the service can say, and the only one."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from wallet_service.asks.states import ShownPartState
from wallet_service.chain.node.several.story import State as NodeState
from wallet_service.disputes.models import DisputeState
from wallet_service.forced_transfers.models import ForcedTransferState
from wallet_service.identity.states import FileState
from wallet_service.keyholders.models import KeyholderState
from wallet_service.members.decisions import MemberState, Tier
from wallet_service.oversight.keys.models import SuspensionState
from wallet_service.oversight.models import ApprovalState, FreezeState
from wallet_service.recoveries.models import RecoveryState
from wallet_service.redemptions.decisions import RedemptionState
from wallet_service.reversals.models import ReversalState
from wallet_service.sales.states import RefundRequestState, SaleState
from wallet_service.ui.states import TONES, state_view, state_views

ROOT = Path(__file__).parents[3]
#: Subject -> what the service can say of it, and what people see beside: a sum of facts, no state.
SUBJECTS: dict[str, tuple[type[StrEnum], set[str]]] = {
    "sale": (SaleState, {"refunded"}),
    "refund": (RefundRequestState, set()),
    "ask": (ShownPartState, {"to_sign"}),
    "redemption": (RedemptionState, set()),
    "redemption_for_officers": (RedemptionState, {"held_back", "in_file"}),
    "member": (MemberState, {"frozen"}),
    "freeze": (FreezeState, set()),
    "suspension": (SuspensionState, {"ended"}),
    "approval": (ApprovalState, set()),
    "identity": (FileState, set()),
    "tier": (Tier, set()),
    "reversal": (ReversalState, set()),
    "dispute": (DisputeState, set()),
    "recovery": (RecoveryState, set()),
    "node": (NodeState, set()),
    "keyholder": (KeyholderState, set()),
    "forced_transfer": (ForcedTransferState, set()),
}
#: Subjects whose states are no enumeration: what history says of a movement, and a file of transfers.
OTHERS = {
    "movement": {"confirming", "arrived", "held", "paid", "credited", "refused", "refunded", "returned"},
    "payout": {"prepared", "approved", "cancelled", "rejected", "withheld", "done"},
    "payee_match": {"MTCH", "CMTC", "NMTC", "NOAP"},
}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_state_the_service_can_say_is_shown(subject: str) -> None:
    states, beside = SUBJECTS[subject]
    assert set(state_views()[subject]) == {state.value for state in states} | beside


def test_there_is_no_subject_beside() -> None:
    assert set(state_views()) == set(SUBJECTS) | set(OTHERS)
    for subject, states in OTHERS.items():
        assert set(state_views()[subject]) == states


def test_every_state_has_words_a_known_tone_and_an_icon_that_exists() -> None:
    for states in state_views().values():
        for shown in states.values():
            assert shown.french
            assert shown.english
            assert shown.tone in TONES
            assert (
                shown.icon is None or (ROOT / f"node_modules/lucide-static/icons/{shown.icon}.svg").is_file()
            )


def test_a_state_nobody_listed_is_shown_as_it_is() -> None:
    shown = state_view("sale", "odd")
    assert (shown.word("fr"), shown.word("en"), shown.tone, shown.icon) == ("odd", "odd", "neutral", None)


def test_no_face_keeps_a_table_of_its_own() -> None:
    """A state with its tone and its icon beside it, as the six tables were written."""
    row = re.compile(
        r"""["']?[a-z_]+["']?\s*:\s*[(\[]\s*["'](?:wait|confirming|paid|good|bad|neutral|refused)["'],"""
    )
    sources = [ROOT / "wallet_service", ROOT / "merchant_pos"]
    files = [
        path for source in sources for ending in ("*.py", "*.js", "*.html") for path in source.rglob(ending)
    ]
    found = [path.name for path in files if "dist" not in path.parts and row.search(path.read_text("utf-8"))]
    assert len(files) > 100
    assert found == []
