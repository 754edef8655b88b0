"""Who hears pushed events, and how many of each there may be. Pure: owns the places of one process's streams.

Every audience has places of its own, so that what anybody may open leaves members and tills theirs. A known
client's oldest stream gives way to its newest: a phone that changes networks leaves dead ones behind. Where
all places of an audience are taken, the client who holds most gives one up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, TypeVar


class Audience(StrEnum):
    """Kinds of listeners; an event's topic begins with one of these words."""

    MEMBER = "member"
    TILL = "till"
    CONSOLE = "console"
    PUBLIC = "public"


@dataclass(frozen=True)
class Room:
    """Streams of one audience at a time, and of one client in it."""

    streams: int
    per_client: int
    #: Whether a client is somebody we know; an address may be a whole market's.
    is_known: bool = True


ROOMS = {
    Audience.MEMBER: Room(3_000, 12),
    Audience.TILL: Room(1_000, 12),
    Audience.CONSOLE: Room(200, 12),
    Audience.PUBLIC: Room(800, 40, is_known=False),
}


@dataclass(frozen=True)
class Listener:
    """`client` is the id of a member, till or officer, or an address; `ends_with` a topic that ends it."""

    audience: Audience
    client: str
    topic: str
    ends_with: str | None = None
    #: What is told to many at once, heard beside; of it nothing is repeated after a cut.
    beside: str | None = None

    def topics(self) -> frozenset[str]:
        return frozenset(filter(None, (self.topic, self.ends_with, self.beside)))


class TooManyStreams(Exception):
    """No place for one more stream of this client; the shell answers push.too_many_streams."""


class Seated(Protocol):
    """A stream, as far as its place goes."""

    @property
    def listener(self) -> Listener: ...


Stream = TypeVar("Stream", bound=Seated)


def rooms_for(members: int, tills: int) -> Mapping[Audience, Room]:
    """ROOMS with so many places for the two audiences that grow with a region."""
    wanted = {Audience.MEMBER: members, Audience.TILL: tills}
    return ROOMS | {who: replace(ROOMS[who], streams=streams) for who, streams in wanted.items()}


def gives_way(
    listener: Listener, streams: Iterable[Stream], rooms: Mapping[Audience, Room] | None = None
) -> Stream | None:
    """The stream that must end for one more of `listener`; None when there is room.

    `streams` are all that are open, oldest first; `rooms` None: ROOMS. Raises TooManyStreams.
    """
    room = (rooms or ROOMS)[listener.audience]
    seated = [stream for stream in streams if stream.listener.audience is listener.audience]
    own = [stream for stream in seated if stream.listener.client == listener.client]
    if len(own) >= room.per_client:
        if not room.is_known:
            raise TooManyStreams
        return own[0]
    if len(seated) < room.streams:
        return None
    client, held = Counter(stream.listener.client for stream in seated).most_common(1)[0]
    if held == 1:
        raise TooManyStreams
    return next(stream for stream in seated if stream.listener.client == client)
