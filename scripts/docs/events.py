"""Writes what pages and partners know of events: docs/events.json and the pages' lists of kinds.

`python -m scripts.docs.events` writes the files, `--check` fails when one is out of date. Owns their form;
kinds, payloads and audiences belong to `wallet_service.protocol.event_kinds`, a till's own to
`merchant_pos.screen_events`.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import sys
import types
import typing
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from merchant_pos.screen_events import ScreenEventKind
from scripts.docs.written import DOCS, ROOT, bring
from wallet_service.protocol import event_kinds
from wallet_service.protocol.event_kinds import ForConsole, ForMember, ForPublic, ForTill, Payload
from wallet_service.protocol.shown import ShownPayment, ShownRefund, ShownSale
from wallet_service.protocol.stream_kinds import StreamKind

COMMAND = ".venv/bin/python -m scripts.docs.events"
DOCUMENT = DOCS / "events.json"
SERVICE_MODULE = ROOT / "wallet_service" / "ui" / "event_kinds.js"
TILL_MODULE = ROOT / "merchant_pos" / "static" / "src" / "screen_kinds.js"

#: Who listens -> where, and the base class of what it hears.
AUDIENCES: dict[str, tuple[str, type[Payload]]] = {
    "member": ("/v1/events", ForMember),
    "till": ("/v1/till/events", ForTill),
    "console": ("/events (of the console's origin)", ForConsole),
    "public": ("/v1/public/events", ForPublic),
}
SHAPES: tuple[type, ...] = (ShownPayment, ShownRefund, ShownSale)
JS_LINE_CHARACTERS = 120
_JS_TYPES = {str: "string", int: "number", bool: "boolean", type(None): "null"}


def payloads() -> list[type[Payload]]:
    """Every payload that is an event, by kind."""
    found = [
        one
        for one in vars(event_kinds).values()
        if inspect.isclass(one) and issubclass(one, Payload) and hasattr(one, "kind")
    ]
    return sorted(found, key=lambda one: one.kind)


def audiences_of(payload: type[Payload]) -> list[str]:
    """Who may hear it."""
    return [name for name, (_path, base) in AUDIENCES.items() if issubclass(payload, base)]


def kinds_for(audience: str) -> list[str]:
    """What an audience may hear, without the stream's own kinds."""
    return [one.kind.value for one in payloads() if audience in audiences_of(one)]


def document() -> str:
    """docs/events.json: each event's audience, meaning and JSON schema."""
    content = {
        "about": f"Written by `{COMMAND}` from the code; do not edit.",
        "delivery": "Server-sent events, each with an id to come back with (Last-Event-ID). At least once: "
        "an event may come again. Amounts are cents; a payload names nobody.",
        "streams": {name: path for name, (path, _base) in AUDIENCES.items()},
        "every_stream": {kind.value: _stream_words(kind) for kind in StreamKind},
        "events": {
            one.kind.value: {
                "audiences": audiences_of(one),
                "means": inspect.getdoc(one),
                "data": _schema(one),
            }
            for one in payloads()
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def service_module() -> str:
    """`event_kinds.js`: types of the payloads, kinds by audience."""
    parts = [f"// Written by `{COMMAND}` from the code; do not edit.\n"]
    parts += [_typedef(shape) for shape in SHAPES]
    own_shape = [one for one in payloads() if dataclasses.fields(one) and not issubclass(one, ShownPayment)]
    parts += [_typedef(one) for one in own_shape]
    parts.append("/** What the service pushes to each audience. */")
    parts.append("export const KINDS_FOR = {")
    parts += [_js_array(f"  {audience}: ", kinds_for(audience), ",") for audience in AUDIENCES]
    parts.append("};\n")
    parts.append("/** What every stream says of itself. */")
    parts.append(_js_list("STREAM_KINDS", StreamKind))
    parts.append("/** Every kind there is. */")
    parts.append(
        "export const KINDS = [...new Set([...STREAM_KINDS, ...Object.values(KINDS_FOR).flat()])];\n"
    )
    return "\n".join(parts)


def till_module() -> str:
    """`screen_kinds.js`: what a point of sale pushes to its tablets."""
    return (
        f"// Written by `{COMMAND}` from the code; do not edit.\n\n"
        "/** What the point of sale pushes to its pages. */\n" + _js_list("SCREEN_KINDS", ScreenEventKind)
    )


def files() -> Iterator[tuple[Path, str]]:
    """Each file and what must stand in it."""
    yield DOCUMENT, document()
    yield SERVICE_MODULE, service_module()
    yield TILL_MODULE, till_module()


def main(arguments: Sequence[str]) -> int:
    """Brings all files up to date, or says which are not; the command's exit code."""
    return max(bring(path, text, arguments, COMMAND) for path, text in files())


def _stream_words(kind: StreamKind) -> str:
    return {
        StreamKind.OPEN: "First on every stream: from here on nothing is missed.",
        StreamKind.RELOAD: "Too much was missed to be repeated: read everything again.",
        StreamKind.BEAT: "Every 5 s, without an id: the line lives.",
    }[kind]


def _schema(payload: type[Payload]) -> dict[str, Any]:
    schema: dict[str, Any] = _without_titles(TypeAdapter(payload).json_schema(mode="serialization"))
    return {name: value for name, value in schema.items() if name != "description"}


def _without_titles(schema: Any) -> Any:
    """Titles made from field names say nothing; a field that is called title would keep its schema."""
    if isinstance(schema, list):
        return [_without_titles(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _without_titles(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
    }


def _js_list(name: str, kinds: type[StrEnum]) -> str:
    return _js_array(f"export const {name} = ", [kind.value for kind in kinds], ";\n")


def _js_array(before: str, words: Sequence[str], after: str) -> str:
    """As Prettier writes it: on one line where it fits."""
    quoted = [f'"{word}"' for word in words]
    line = f"{before}[{', '.join(quoted)}]{after}"
    if len(line.rstrip()) <= JS_LINE_CHARACTERS:
        return line
    indent = " " * (len(before) - len(before.lstrip()))
    return "\n".join([f"{before}[", *(f"{indent}  {word}," for word in quoted), f"{indent}]{after}"])


def _typedef(shape: type) -> str:
    hints = typing.get_type_hints(shape)
    names = [field.name for field in dataclasses.fields(shape)]
    lines = ["/**", f" * @typedef {{object}} {shape.__name__}"]
    lines += [f" * @property {{{_js_type(hints[name])}}} {name}" for name in names]
    return "\n".join([*lines, " */\n"])


def _js_type(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return " | ".join(json.dumps(word) for word in typing.get_args(hint))
    if isinstance(hint, types.UnionType):
        return " | ".join(_js_type(one) for one in typing.get_args(hint))
    return _JS_TYPES[hint] if hint in _JS_TYPES else str(hint.__name__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
