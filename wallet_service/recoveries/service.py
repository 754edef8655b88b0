"""Who asks for new keys, and who says that they still have the old ones. Owns `recoveries`.

A request costs nothing and proves nothing: it stops what leaves the account, which keeps the money where it
is, and waits for an officer, unless a code kept on paper stands for that look. It is answered the same
whether there is such an account or not. Must not give anybody a key: the ledger does, after its delay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from wallet_service.accounts import repository as accounts
from wallet_service.accounts.keys import check_key
from wallet_service.chain.ports import CommandQueue
from wallet_service.database.unit_of_work import UnitOfWork, reading
from wallet_service.members import repository as members
from wallet_service.members.decisions import (
    DEFAULT_DEVICE_LABEL,
    MAX_LABEL_LENGTH,
    DeviceState,
    MemberState,
    Tier,
    clean_line,
)
from wallet_service.members.devices import proven_point
from wallet_service.members.errors import DeviceKnown
from wallet_service.oversight.errors import FreezePasskeyNeeded
from wallet_service.platform.journal import SERVICE, Actor
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.errors import BadSignature
from wallet_service.protocol.signing.addresses import address_of_point
from wallet_service.protocol.signing.envelope import (
    PasskeySite,
    parse_envelope,
    signer_address,
    with_low_s,
)
from wallet_service.protocol.signing.typed_data import Domain, RecoveryVetoMessage
from wallet_service.protocol.text.identifiers import new_id
from wallet_service.recoveries import decisions, errors, repository
from wallet_service.recoveries.models import (
    AccountRecovery,
    NewRecovery,
    RecoveryProgress,
    RecoveryState,
    RecoveryWay,
)
from wallet_service.recoveries.procedure import VETO, Procedure
from wallet_service.security.passkeys import check_shown
from wallet_service.security.tokens import code_digest, digest
from wallet_service.topups import repository as topups

CODE_GROUND = "Code de secours gardé sur papier, palier visiteur"
S = RecoveryState


@dataclass(frozen=True)
class VetoMeans:
    """What an objection is checked by: the ledger's domain, and where passkeys may sign."""

    domain: Callable[[], Domain]
    site: PasskeySite


class RecoveryService:
    """The new phone's side, and the old one's."""

    def __init__(
        self, engine: Engine, clock: Clock, commands: CommandQueue, procedure: Procedure, means: VetoMeans
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._commands = commands
        self._procedure = procedure
        self._means = means

    # the new phone

    def ask(self, requested: NewRecovery, reference: str) -> None:
        """By a transfer reference or a member number; the same token again changes nothing.

        Raises KeyInvalid, ProofInvalid, DeviceKnown: none of them hangs on whether there is such an account.
        """
        signer = self._checked(requested)
        with UnitOfWork(self._engine) as work:
            member_id = self._named(work.connection, reference)
            if member_id is not None:
                self._open(work, requested, signer, member_id, RecoveryWay.OFFICER)

    def ask_with_code(self, requested: NewRecovery, code: str) -> None:
        """By a code kept on paper: within a visitor's limits it stands for the officer's look.

        Not where no key of the account is left that could object: the code alone would be all it takes.

        Raises KeyInvalid, ProofInvalid, DeviceKnown, RecoveryCodeRefused. The same token answers again.
        """
        signer = self._checked(requested)
        with UnitOfWork(self._engine) as work:
            if repository.by_token(work.connection, digest(requested.token)) is not None:
                return
            now_unix_ms = self._clock.now_unix_ms()
            member_id = repository.use_code(work.connection, code_digest(code), now_unix_ms)
            if member_id is None:
                raise errors.RecoveryCodeRefused()
            opened = self._open(work, requested, signer, member_id, RecoveryWay.CODE)
            member = members.find(work.connection, member_id)
            if opened is None or member is None:
                raise errors.RecoveryCodeRefused()  # nothing was done: the code is as good as before
            others = repository.open_of_member(work.connection, member_id)
            is_first = all(each.state is S.ASKED for each in others)
            may_object = members.has_active_key(work.connection, member_id)
            if member.tier is Tier.VISITOR and is_first and may_object:
                self._procedure.propose(work, opened, CODE_GROUND, SERVICE)

    def progress(self, token: str) -> RecoveryProgress:
        """How things stand, for whoever holds the token; a token of nothing is told what a new one is."""
        token_digest = digest(token)
        shown_number = decisions.request_number(token_digest)
        with reading(self._engine) as connection:
            found = repository.by_token(connection, token_digest)
            if found is None:
                return RecoveryProgress(str(S.ASKED), shown_number, None, None)
            is_looked_at = found.state not in (S.ASKED, S.VETOED, S.CANCELLED, S.LAPSED)
            held = accounts.balance_of(connection, found.account_address) if is_looked_at else None
        state = decisions.TOLD_AS.get(found.state, found.state)
        return RecoveryProgress(
            str(state), shown_number, found.executable_at_unix_s, held.posted_cents if held else None
        )

    def _checked(self, requested: NewRecovery) -> str:
        """The new key's address, once the phone has shown that it holds the key."""
        point = proven_point(requested.public_key, requested.proof, requested.message())
        signer = address_of_point(point)
        with reading(self._engine) as connection:
            if members.device_exists(connection, signer):
                raise DeviceKnown
        return signer

    def _named(self, connection: Connection, typed: str) -> str | None:
        reference = decisions.typed_reference(typed)
        if reference is not None:
            return topups.members_by_reference(connection, [reference]).get(reference)
        number = decisions.typed_number(typed)
        return None if number is None else repository.member_with_number(connection, number)

    def _open(
        self, work: UnitOfWork, requested: NewRecovery, signer: str, member_id: str, way: RecoveryWay
    ) -> AccountRecovery | None:
        """None where nothing was done: asked before, nobody enrolled, or too many wait already."""
        connection, token_digest = work.connection, digest(requested.token)
        member = members.find(connection, member_id, locked=True)
        is_new = repository.by_token(connection, token_digest) is None
        if member is None or member.state is not MemberState.ACTIVE or not is_new:
            return None
        waiting = len(repository.open_of_member(connection, member_id))
        if waiting >= decisions.MAX_OPEN:
            return None
        recovery_id, now_unix_ms = new_id(), self._clock.now_unix_ms()
        repository.insert_recovery(
            connection,
            id=recovery_id,
            member_id=member_id,
            token_digest=token_digest,
            signer_address=signer,
            public_key=requested.public_key,
            label=clean_line(requested.label, MAX_LABEL_LENGTH) or DEFAULT_DEVICE_LABEL,
            way=way,
            state=S.ASKED,
            asked_at_unix_ms=now_unix_ms,
        )
        opened = self._found(connection, recovery_id)
        if way is RecoveryWay.CODE or not repository.is_contested(connection, member_id, now_unix_ms):
            self._procedure.freeze(work, opened)
        self._procedure.record(work, SERVICE, "recovery.asked", opened, details={"member_id": member_id})
        self._procedure.tell(work, opened, S.ASKED)
        return opened

    # the old phone

    def of_member(self, member_id: str) -> list[AccountRecovery]:
        """Open ones, those nearest to their end first."""
        with reading(self._engine) as connection:
            found = repository.open_of_member(connection, member_id)
        return sorted(found, key=lambda each: each.state is S.ASKED)

    def deny(self, member_id: str, *, by_passkey: bool) -> None:
        """Somebody has said "I have my phone": ends what only waits for an officer, and what it froze.

        With the passkey where there is one, as for lifting a freeze: the phone that was lost signs in by
        itself. What the ledger has announced takes a signature (`veto`). Raises FreezePasskeyNeeded.
        """
        with UnitOfWork(self._engine) as work:
            check_shown(work.connection, member_id, by_passkey, FreezePasskeyNeeded)
            members.find(work.connection, member_id, locked=True)
            actor = Actor("member", member_id)
            for each in repository.open_of_member(work.connection, member_id):
                if each.state is S.ASKED:
                    self._end(work, each, actor)
                    self._procedure.let_go(work, each, actor)

    def veto(self, member_id: str, recovery_id: str, signature: str) -> None:
        """Sends the objection of one of the account's keys to the ledger, which decides.

        `signature`: an envelope over RecoveryVeto(account, number), 0x hex. What was frozen stays so: an
        officer was shown somebody else, and looks again. Raises RecoveryUnknown, RecoveryMoved,
        VetoNotSigned, KeySuspended.
        """
        with UnitOfWork(self._engine) as work:
            recovery = repository.by_id(work.connection, recovery_id)
            if recovery is None or recovery.member_id != member_id:
                raise errors.RecoveryUnknown()
            if recovery.state is S.VETOING:
                return
            if recovery.number is None or recovery.state not in (S.PROPOSED, S.EXECUTING):
                raise errors.RecoveryMoved()
            envelope = self._signed(work.connection, recovery, signature)
            attempt = recovery.attempts + 1
            if not repository.move(work.connection, recovery_id, S.VETOING, attempts=attempt):
                raise errors.RecoveryMoved()
            arguments = [recovery.account_address, recovery.number, "0x" + envelope.hex()]
            self._commands.queue_command(
                work.connection, VETO, arguments, "RELAYER", f"recovery:{recovery_id}:{attempt}"
            )
            actor = Actor("member", member_id)
            self._procedure.record(work, actor, "recovery.vetoing", recovery)
            self._procedure.tell(work, recovery, S.VETOING)

    def _signed(self, connection: Connection, recovery: AccountRecovery, signature: str) -> bytes:
        """The envelope, of one of the account's keys with full power. Raises VetoNotSigned, KeySuspended."""
        assert recovery.number is not None
        message = RecoveryVetoMessage(recovery.account_address, recovery.number)
        try:
            envelope = with_low_s(bytes.fromhex(signature.removeprefix("0x")))
            parsed = parse_envelope(envelope)
            self._means.site.check(parsed)
            signer = signer_address(parsed, message.digest(self._means.domain()))
        except (BadSignature, ValueError) as error:
            raise errors.VetoNotSigned() from error
        known = members.devices_of(connection, recovery.member_id)
        active = {each.signer_address for each in known if each.state is DeviceState.ACTIVE}
        if signer not in active:
            raise errors.VetoNotSigned()
        check_key(connection, recovery.member_id, signer, self._clock.now_unix_s())
        return envelope

    def _end(self, work: UnitOfWork, recovery: AccountRecovery, actor: Actor) -> None:
        now_unix_ms = self._clock.now_unix_ms()
        if repository.move(work.connection, recovery.id, S.VETOED, closed_at_unix_ms=now_unix_ms):
            self._procedure.record(work, actor, "recovery.denied", recovery)
            self._procedure.tell(work, recovery, S.VETOED)

    def _found(self, connection: Connection, recovery_id: str) -> AccountRecovery:
        found = repository.by_id(connection, recovery_id)
        assert found is not None
        return found
