"""What a stream of events itself says to whoever listens; nothing publishes these. Pure."""

from __future__ import annotations

from enum import StrEnum


class StreamKind(StrEnum):
    """The word on the wire, beside those of `event_kinds`."""

    #: First on every stream: from here on nothing is missed.
    OPEN = "stream.open"
    #: Too much was missed to be repeated: read everything again.
    RELOAD = "stream.reload"
    #: Every few seconds, without an id: the line lives. A page that hears nothing opens another.
    BEAT = "stream.beat"
