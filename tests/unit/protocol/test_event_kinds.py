"""Every kind of event is published to each audience it names, as a typed event, and tills hear theirs."""

from __future__ import annotations

import ast
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from merchant_pos.stream_bridge import HANDLERS
from scripts.docs.events import AUDIENCES, audiences_of, files, kinds_for, payloads
from wallet_service.payments.events import state_word
from wallet_service.payments.states import PaymentState
from wallet_service.protocol import event_kinds
from wallet_service.protocol.event_kinds import EventKind, Payload
from wallet_service.protocol.shown import PaymentStateWord, RefundStateWord, SaleStateWord
from wallet_service.protocol.stream_kinds import StreamKind
from wallet_service.sales.states import RefundRequestState, SaleState

SERVICE = Path(event_kinds.__file__).parents[1]
#: to_member(member_id, payload), to_till(till_id, payload), to_console(payload), to_public(payload).
SENDERS = {f"to_{audience}": audience for audience in AUDIENCES} | {"to_members": "member"}


def published() -> set[tuple[str, str]]:
    """(audience, kind) of every call that makes an event, read from the service's code."""
    found = set()
    for path in sorted(SERVICE.rglob("*.py")):
        if path == Path(event_kinds.__file__):
            continue
        for function in _functions(ast.parse(path.read_text(encoding="utf-8"))):
            for call in _calls(function):
                if (audience := SENDERS.get(_name(call.func))) is not None:
                    found.add((audience, _payload_class(call.args[-1], function, path).kind.value))
    return found


def _functions(module: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef))


def _calls(function: ast.FunctionDef) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _payload_class(argument: ast.expr, function: ast.FunctionDef, path: Path) -> type[Payload]:
    """The payload's class, written in the call or in an assignment of the same function."""
    if isinstance(argument, ast.Name):
        argument = next(
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and _name(node.targets[0]) == argument.id
        )
    assert isinstance(argument, ast.Call), f"{path.name}: write the payload in the function that sends it"
    # payment_view(payment, PaymentPaid) makes what it is given.
    made = argument.args[-1] if _name(argument.func) == "payment_view" else argument.func
    found: type[Payload] = getattr(event_kinds, _name(made))
    return found


def test_every_kind_is_published_to_everybody_it_is_for_and_to_nobody_else() -> None:
    assert published() == {(audience, one.kind.value) for one in payloads() for audience in audiences_of(one)}


def test_every_kind_has_one_payload_and_somebody_who_hears_it() -> None:
    assert [one.kind for one in payloads()] == sorted(EventKind)
    assert [one.__name__ for one in payloads() if not audiences_of(one)] == []


def test_the_relay_of_a_till_handles_what_is_pushed_to_tills_and_nothing_else() -> None:
    assert set(HANDLERS) - set(StreamKind) == set(kinds_for("till"))


@pytest.mark.parametrize(("path", "text"), list(files()), ids=lambda one: getattr(one, "name", ""))
def test_what_is_written_from_the_list_is_up_to_date(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text


def test_the_words_for_states_are_those_of_the_state_machines() -> None:
    assert set(typing.get_args(SaleStateWord)) == {state.value for state in SaleState}
    assert set(typing.get_args(RefundStateWord)) == {state.value for state in RefundRequestState}
    assert set(typing.get_args(PaymentStateWord)) == {state_word(state) for state in PaymentState}


def test_no_payload_has_room_for_a_name() -> None:
    fields = {field for one in payloads() for field in typing.get_type_hints(one)}
    assert {field for field in fields if "name" in field} == {"file_name"}  # the bank's own file
