"""Moving a wallet by oneself: a code made on the old phone, read by the new one, four words on both.

The code stays with the two phones; only its hash comes here. The words are made of the code and of both keys,
so nobody in between, this service included, can put a key of their own in place and show the same words. The
old phone's key then signs for that one key, and the registrar makes it a signer. Owns `device_moves`.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.members.devices import DeviceService, proven_point
from wallet_service.moves import repository
from wallet_service.moves.errors import MoveNotAnswered, MoveTaken, MoveUnknown
from wallet_service.moves.models import Move, MoveApproved, MoveAsked, MoveJoined
from wallet_service.platform.push import Push
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import MemberChanged, to_member

LIFETIME_MS = 10 * 60_000


class Moves:
    def __init__(self, engine: Engine, clock: Clock, push: Push, devices: DeviceService) -> None:
        self._engine = engine
        self._clock = clock
        self._push = push
        self._devices = devices

    def ask(self, member_id: str, asked: MoveAsked) -> Move:
        """The old phone waits for a new one; its key must be one that signs.

        Raises KeyInvalid, ProofInvalid, MoveUnknown.
        """
        proven_point(asked.public_key, asked.proof, asked.message())
        until_unix_ms = self._clock.now_unix_ms() + LIFETIME_MS
        move = Move(asked.id, member_id, asked.public_key, None, "", "open", until_unix_ms)
        with UnitOfWork(self._engine) as work:
            self._devices.check_signs(work.connection, member_id, asked.public_key)
            if repository.read(work.connection, asked.id) is not None:
                raise MoveUnknown  # nobody's code twice, and nobody else's
            repository.put(work.connection, move)
        return move

    def join(self, joined: MoveJoined) -> Move:
        """The new phone answers; the same key may ask again.

        Raises KeyInvalid, ProofInvalid, DeviceKnown, MoveUnknown, MoveTaken.
        """
        proven_point(joined.public_key, joined.proof, joined.message())
        if not self._is_its_own(joined.id, joined.public_key):
            self._devices.check_new(joined.public_key)
        with UnitOfWork(self._engine) as work:
            move = self._living(repository.find(work.connection, joined.id))
            if move.new_public_key is not None and move.new_public_key != joined.public_key:
                raise MoveTaken
            if move.state == "open":
                move = replace(move, new_public_key=joined.public_key, label=joined.label, state="joined")
                values = {"new_public_key": joined.public_key, "label": joined.label}
                repository.change(work.connection, move.id, "joined", **values)
                self._push.publish(work, to_member(move.member_id, MemberChanged(move.member_id)))
        return move

    def _is_its_own(self, move_id: str, public_key: str) -> bool:
        """Whether a known key is the one this very move has brought: its answer may have been lost."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            move = repository.read(connection, move_id)
        return move is not None and move.state == "done" and move.new_public_key == public_key

    def look(self, member_id: str, move_id: str) -> Move:
        """As the old phone sees it. Raises MoveUnknown."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            move = self._living(repository.read(connection, move_id))
        if move.member_id != member_id:
            raise MoveUnknown
        return move

    def approve(self, member_id: str, approved: MoveApproved) -> None:
        """The words are the same: that key signs for the account from now on, once the ledger says so.

        Asked again, nothing more happens. Raises MoveUnknown, MoveNotAnswered, MoveTaken (another key than
        the one that answered), ProofInvalid, DeviceKnown.
        """
        with UnitOfWork(self._engine) as work:
            move = self._living(repository.find(work.connection, approved.id))
            if move.member_id != member_id:
                raise MoveUnknown
            if move.new_public_key is None:
                raise MoveNotAnswered
            if move.new_public_key != approved.new_public_key:
                raise MoveTaken
            if move.state == "done":
                return
            self._devices.add_beside(work, member_id, approved.new_public_key, move.label, approved.addition)
            repository.change(work.connection, move.id, "done")

    def end(self, member_id: str, move_id: str) -> None:
        """The words were not the same, or the person thought better of it: the code is good for nothing."""
        with UnitOfWork(self._engine) as work:
            move = repository.find(work.connection, move_id)
            if move is not None and move.member_id == member_id and move.state != "done":
                repository.change(work.connection, move_id, "ended")

    def _living(self, move: Move | None) -> Move:
        if move is None or move.state == "ended":
            raise MoveUnknown
        if move.state != "done" and self._clock.now_unix_ms() >= move.expires_at_unix_ms:
            raise MoveUnknown
        return move
