"""Places of streams: every audience has its own, and nobody keeps them from others."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from wallet_service.platform.listeners import ROOMS, Audience, Listener, TooManyStreams, gives_way, rooms_for
from wallet_service.platform.settings import Settings
from wallet_service.serving import needed_files, wallet_bounds


@dataclass(frozen=True)
class Open:
    """A stream that has its place."""

    listener: Listener
    number: int = 0


def opened(audience: Audience, client: str, number: int = 0) -> Open:
    return Open(Listener(audience, client, f"{audience}:{client}"), number)


def many(audience: Audience, clients: int, each: int = 1) -> list[Open]:
    return [opened(audience, f"{audience}{one}", time) for time in range(each) for one in range(clients)]


@pytest.mark.parametrize("audience", [Audience.MEMBER, Audience.TILL, Audience.CONSOLE])
def test_a_full_public_room_takes_no_place_of_anybody_elses(audience: Audience) -> None:
    everybody = many(Audience.PUBLIC, ROOMS[Audience.PUBLIC].streams)
    assert gives_way(opened(audience, "A").listener, everybody) is None
    with pytest.raises(TooManyStreams):
        gives_way(opened(Audience.PUBLIC, "new").listener, everybody)


@pytest.mark.parametrize("audience", [Audience.MEMBER, Audience.TILL, Audience.CONSOLE])
def test_a_known_clients_oldest_stream_gives_way(audience: Audience) -> None:
    own = [opened(audience, "A", number) for number in range(ROOMS[audience].per_client)]
    assert gives_way(own[0].listener, [opened(audience, "B"), *own[:-1]]) is None
    assert gives_way(own[0].listener, [opened(audience, "B"), *own]) is own[0]


def test_an_address_is_refused_and_nobody_behind_it_is_cut() -> None:
    own = many(Audience.PUBLIC, 1, each=ROOMS[Audience.PUBLIC].per_client)
    with pytest.raises(TooManyStreams):
        gives_way(own[0].listener, own)
    assert gives_way(opened(Audience.PUBLIC, "another").listener, own) is None


@pytest.mark.parametrize("audience", list(Audience))
def test_where_all_places_are_taken_whoever_holds_most_gives_one_up(audience: Audience) -> None:
    room = ROOMS[audience]
    single = many(audience, room.streams - 3)
    greedy = [opened(audience, "greedy", number) for number in range(3)]
    assert gives_way(opened(audience, "new").listener, [*single, *greedy]) is greedy[0]
    with pytest.raises(TooManyStreams):
        gives_way(opened(audience, "new").listener, [*single, *many(audience, room.streams)[-3:]])


def test_the_rooms_together_are_what_a_process_bears() -> None:
    assert sum(room.streams for room in ROOMS.values()) == 5_000


def test_a_region_with_more_tills_says_so_and_takes_nothing_from_the_others() -> None:
    full = many(Audience.TILL, ROOMS[Audience.TILL].streams)
    one_more = opened(Audience.TILL, "one more").listener
    with pytest.raises(TooManyStreams):
        gives_way(one_more, full)
    larger = rooms_for(members=ROOMS[Audience.MEMBER].streams, tills=len(full) + 1)
    assert gives_way(one_more, full, larger) is None
    with pytest.raises(TooManyStreams):
        gives_way(
            opened(Audience.TILL, "two more").listener, [*full, opened(Audience.TILL, "one more")], larger
        )
    assert {who: room for who, room in larger.items() if room != ROOMS[who]}.keys() == {Audience.TILL}


def test_every_stream_has_a_connection_and_a_file_and_requests_have_room_beside() -> None:
    usual, larger = Settings(), Settings(till_streams=5_000, member_streams=10_000)
    assert (wallet_bounds(usual).connections, needed_files(usual)) == (6_000, 8_192)
    for settings in (usual, larger):
        rooms = rooms_for(settings.member_streams, settings.till_streams)
        streams = sum(room.streams for who, room in rooms.items() if who is not Audience.CONSOLE)
        assert streams + 1_000 <= wallet_bounds(settings).connections <= needed_files(settings) - 2_000
