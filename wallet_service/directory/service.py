"""The directory: read by everybody, written by each professional for themselves, seen by officers.

A card is shown from its saving on; an officer sees every change afterwards and may take a card out, with a
ground its professional reads. Owns `listings`, `listing_pictures` and `listing_changes`. Must not touch
money, nor what officers registered (`members`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, Row

from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.directory import decisions, repository
from wallet_service.directory.errors import (
    AlreadyWithheld,
    ChangeMoved,
    ListingUnknown,
    NotInTheDirectory,
    PictureUnknown,
)
from wallet_service.directory.models import Card, Listing, ListingChange, OwnListing, Spot, WithheldListing
from wallet_service.directory.pictures import Picture, check_upload
from wallet_service.platform.journal import Actor, Journal, Subject
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_console, to_member
from wallet_service.territory import communes
from wallet_service.territory.geography import commune_spots

#: How long the directory is served again before it is read anew: whatever is asked, one read a time.
KEPT_MS = 2_000


class Listings:
    """Every door to the directory."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        push: Push,
        journal: Journal,
        frame: Callable[[str, bytes], Picture],
    ) -> None:
        """`frame` makes a picture safe to show; it is called with no transaction open."""
        self._engine = engine
        self._clock = clock
        self._push = push
        self._journal = journal
        self._frame = frame
        self._kept: tuple[int, list[Listing]] | None = None
        self._lock = threading.Lock()

    # everybody's

    def shown(self) -> list[Listing]:
        """The whole directory, by name. One thread reads, the others take its answer."""
        with self._lock:
            now_unix_ms = self._clock.now_unix_ms()
            if self._kept is not None and 0 <= now_unix_ms - self._kept[0] < KEPT_MS:
                return self._kept[1]
            with self._reading() as connection:
                made = [listing_of(row) for row in repository.shown(connection)]
            self._kept = (now_unix_ms, made)
            return made

    def find(self, listing_id: str) -> Listing:
        """By its public id. Raises ListingUnknown."""
        for listing in self.shown():
            if listing.id == listing_id:
                return listing
        raise ListingUnknown

    def picture(self, digest: str) -> bytes:
        """Raises PictureUnknown."""
        with self._reading() as connection:
            content = repository.picture(connection, digest)
        if content is None:
            raise PictureUnknown
        return content

    # the professional's

    def own(self, member_id: str) -> OwnListing:
        """Raises NotInTheDirectory."""
        with self._reading() as connection:
            return self._own(connection, member_id)

    def write(self, member_id: str, card: Card, *, is_shown: bool) -> OwnListing:
        """Saves the card. Raises NotInTheDirectory, CardInvalid, HoursInvalid, SpotTooFar."""
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            row = self._professional(connection, member_id, locked=True)
            checked = decisions.checked_card(card, row.sector, _commune_spot(row.commune_code))
            now_unix_ms = self._clock.now_unix_ms()
            before = card_of(row)
            repository.write_listing(
                connection,
                member_id,
                card=checked.to_json(),
                is_shown=is_shown,
                changed_at_unix_ms=now_unix_ms,
            )
            if checked != before:
                repository.note_change(connection, member_id, before, checked, now_unix_ms)
            self._announce(work, member_id)
            written = self._own(connection, member_id)
        self.forget()
        return written

    def add_picture(self, member_id: str, content: bytes) -> OwnListing:
        """Frames the picture and shows it in the place of the one before.

        Raises NotInTheDirectory and what `frame` raises.
        """
        check_upload(content)
        with self._reading() as connection:
            self._professional(connection, member_id)
        picture = self._frame(member_id, content)
        return self._set_picture(member_id, picture)

    def remove_picture(self, member_id: str) -> OwnListing:
        """Raises NotInTheDirectory."""
        return self._set_picture(member_id, None)

    def _set_picture(self, member_id: str, picture: Picture | None) -> OwnListing:
        with UnitOfWork(self._engine) as work:
            connection, now_unix_ms = work.connection, self._clock.now_unix_ms()
            row = self._professional(connection, member_id, locked=True)
            card, digest = card_of(row), picture.digest if picture else None
            repository.write_listing(
                connection,
                member_id,
                card=card.to_json(),
                picture_digest=digest,
                changed_at_unix_ms=now_unix_ms,
            )
            if picture is None:
                repository.remove_picture(connection, member_id)
            else:
                repository.write_picture(
                    connection,
                    member_id,
                    digest=digest,
                    content=picture.content,
                    uploaded_at_unix_ms=now_unix_ms,
                )
            if digest != row.picture_digest:
                repository.note_change(connection, member_id, card, card, now_unix_ms)
            self._announce(work, member_id)
            written = self._own(connection, member_id)
        self.forget()
        return written

    # the officers'

    def waiting(self) -> list[ListingChange]:
        """Changes nobody has looked at, oldest first."""
        with self._reading() as connection:
            return repository.waiting_changes(connection)

    def withheld(self) -> list[WithheldListing]:
        with self._reading() as connection:
            return repository.withheld(connection)

    def of_members(self, member_ids: list[str]) -> dict[str, Listing]:
        """The listings of these members, shown or not; who is no professional any more is left out."""
        with self._reading() as connection:
            rows = (repository.professional(connection, member_id) for member_id in dict.fromkeys(member_ids))
            return {row.id: listing_of(row) for row in rows if row is not None}

    def mark_seen(self, change_id: int, revision: int, officer_id: str) -> None:
        """Raises ChangeMoved when the card changed after the officer's page was made."""
        with UnitOfWork(self._engine) as work:
            connection = work.connection
            if not repository.mark_seen(
                connection, change_id, revision, officer_id, self._clock.now_unix_ms()
            ):
                raise ChangeMoved
            member_id = repository.member_of_change(connection, change_id)
            subject = Subject("member", str(member_id))
            self._journal.append(connection, Actor("officer", officer_id), "listing.seen", subject)
            self._push.publish(work, to_console(MemberChanged(str(member_id))))

    def withhold(self, member_id: str, ground: str, officer_id: str) -> None:
        """Takes a card out of the directory; its professional reads why.

        Raises ListingUnknown, AlreadyWithheld.
        """
        self._judge(member_id, officer_id, ground)

    def restore(self, member_id: str, officer_id: str) -> None:
        """Brings a withheld card back. Raises ListingUnknown."""
        self._judge(member_id, officer_id, None)

    def _judge(self, member_id: str, officer_id: str, ground: str | None) -> None:
        with UnitOfWork(self._engine) as work:
            connection, now_unix_ms = work.connection, self._clock.now_unix_ms()
            row = repository.professional(connection, member_id, locked=True)
            if row is None or (ground is None and row.withheld_at_unix_ms is None):
                raise ListingUnknown
            if ground is not None and row.withheld_at_unix_ms is not None:
                raise AlreadyWithheld
            repository.write_listing(
                connection,
                member_id,
                card=card_of(row).to_json(),
                changed_at_unix_ms=row.changed_at_unix_ms or now_unix_ms,
                withheld_at_unix_ms=None if ground is None else now_unix_ms,
                withheld_by=None if ground is None else officer_id,
                withheld_ground=ground,
            )
            act = "listing.restored" if ground is None else "listing.withheld"
            actor, subject = Actor("officer", officer_id), Subject("member", member_id)
            self._journal.append(connection, actor, act, subject, ground=ground)
            self._announce(work, member_id)
        self.forget()

    def forget(self) -> None:
        """What was read is read again: somebody has just changed it here."""
        with self._lock:
            self._kept = None

    def _announce(self, work: UnitOfWork, member_id: str) -> None:
        changed = MemberChanged(member_id)
        self._push.publish(work, to_member(member_id, changed), to_console(changed))

    def _own(self, connection: Connection, member_id: str) -> OwnListing:
        row = self._professional(connection, member_id)
        return OwnListing(
            listing_of(row),
            is_shown=row.is_shown is not False,
            withheld_ground=row.withheld_ground,
            changed_at_unix_ms=row.changed_at_unix_ms,
            is_waiting=repository.has_waiting(connection, member_id),
        )

    def _professional(self, connection: Connection, member_id: str, *, locked: bool = False) -> Row[Any]:
        row = repository.professional(connection, member_id, locked=locked)
        if row is None:
            raise NotInTheDirectory
        return row

    def _reading(self) -> Connection:
        return self._engine.connect().execution_options(read_only=True)


def card_of(row: Row[Any]) -> Card:
    """As written; before anything was, what an officer registered says what they sell."""
    return Card.from_json(row.card) if row.card else Card(sells=row.public_description or "")


def listing_of(row: Row[Any]) -> Listing:
    card = card_of(row)
    return Listing(
        id=decisions.public_id(row.id),
        member_id=row.id,
        kind=row.kind,
        name=row.public_name,
        sector=row.sector or "",
        commune_code=row.commune_code or "",
        commune=communes().get(row.commune_code or "", ""),
        card=card,
        picture_digest=row.picture_digest,
        spot=card.spot or _commune_spot(row.commune_code),
    )


def _commune_spot(code: str | None) -> Spot | None:
    found = commune_spots().get(code or "")
    return Spot(*found) if found else None
