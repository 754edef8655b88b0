"""The parts of bootstrap that the settings alone choose.

By what notices leave, what carries the bank's files, for which origins passkeys are good, what is found and
published.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Engine

from wallet_service.accounts.ports import RulesSource
from wallet_service.asks.service import Asks
from wallet_service.bank.pain001 import Debtor, FileTerms
from wallet_service.caps.service import Caps
from wallet_service.chain.ports import CommandQueue
from wallet_service.contacts.service import Contacts
from wallet_service.database.leases import Lease
from wallet_service.directory.pictures import PictureFramer
from wallet_service.directory.service import Listings
from wallet_service.identity.proofs.european_wallet import EuropeanWallet, read_terms
from wallet_service.identity.proofs.france_connect import (
    FranceConnect,
    FranceConnectTerms,
    read_encryption_key,
)
from wallet_service.identity.proofs.models import ProviderName
from wallet_service.identity.proofs.ports import RemoteProvider
from wallet_service.identity.proofs.secret_files import read_line
from wallet_service.identity.proofs.service import IdentityProofs, ProofMeans
from wallet_service.keyholders.held import HeldAccounts
from wallet_service.keyholders.service import KeyholderMeans, Keyholders
from wallet_service.members.service import MemberService
from wallet_service.notices.delivery import NoticeRound
from wallet_service.notices.mail import FolderMail, MailServer, SmtpMail
from wallet_service.notices.models import RecipientKind
from wallet_service.notices.ports import MailSender
from wallet_service.notices.service import Notices
from wallet_service.notices.web_push import WebPush
from wallet_service.open_data.service import OpenData
from wallet_service.platform.journal import Journal
from wallet_service.platform.push import Push
from wallet_service.platform.sandbox.pool import Sandbox
from wallet_service.platform.settings import Settings
from wallet_service.platform.workers import Worker
from wallet_service.protocol.clock import Clock
from wallet_service.security.passkeys import RelyingParty
from wallet_service.security.sealing import Sealer
from wallet_service.security.sessions import SubjectKind
from wallet_service.territory.currency import read_currency
from wallet_service.tills.cashiers import Cashiers
from wallet_service.topups.expected import ExpectedTransfers
from wallet_service.topups.service import ReserveAccount, TopupService
from wallet_service.treasury.payouts.models import PayoutTerms
from wallet_service.treasury.transport.ebics import ClientCommands, CommandTransport
from wallet_service.treasury.transport.outgoing import SendingRules
from wallet_service.treasury.transport.ports import FolderTransport, Record

NOTICES_LEASE = "notices"
#: A day is published once; a quarter of an hour after it is whole is soon enough.
OPEN_DATA_INTERVAL_S = 900.0
#: The first start publishes what there is at once, a bounded part a round.
OPEN_DATA_ROUND_S = 300.0


def make_notices(
    settings: Settings, engine: Engine, clock: Clock, sealer: Sealer, master_key: bytes
) -> tuple[Notices, NoticeRound]:
    """In production loopback is never called, and without a mail server there is no mail."""
    is_local = settings.environment != "production"
    subject = f"mailto:{settings.mail_sender}"
    push = WebPush(master_key, subject, may_be_local=is_local, stand_in=settings.push_stand_in)
    mail = mail_sender(settings, clock)
    notices = Notices(engine, clock, sealer, push, mail, is_local=is_local)
    lease = Lease(engine, NOTICES_LEASE)
    origins: dict[RecipientKind, str] = {"member": settings.wallet_origin, "officer": settings.console_origin}
    return notices, NoticeRound(engine, clock, notices, push, mail, lease, origins)


@dataclass(frozen=True)
class People:
    """What is between people: whom a member knows, asks, lets pay or sell; and their own caps."""

    contacts: Contacts
    asks: Asks
    caps: Caps
    keyholders: Keyholders
    held: HeldAccounts
    cashiers: Cashiers


def make_people(
    settings: Settings,
    engine: Engine,
    clock: Clock,
    push: Push,
    sealer: Sealer,
    notices: Notices,
    rules: RulesSource,
    journal: Journal,
    keys: KeyholderMeans,
) -> People:
    """Links lead to the wallet's own origin."""
    names = keys.names
    contacts = Contacts(engine, clock, names)
    keyholders = Keyholders(engine, clock, push, journal, keys)
    held = HeldAccounts(engine, clock, rules, names, keys.sessions, keyholders)
    origin = settings.wallet_origin
    asks = Asks(engine, clock, push, sealer, contacts, notices, origin)
    cashiers = Cashiers(engine, clock, push, journal, sealer)
    return People(contacts, asks, Caps(engine, clock, push), keyholders, held, cashiers)


def mail_sender(settings: Settings, clock: Clock) -> MailSender | None:
    if settings.mail_host:
        password_file = settings.mail_key_file
        password = password_file.read_text("utf-8").strip() if password_file else ""
        server = MailServer(
            settings.mail_host,
            settings.mail_port,
            settings.mail_security,
            settings.mail_sender,
            settings.mail_user,
            password,
        )
        return SmtpMail(server, clock)
    if settings.environment == "production":
        return None
    return FolderMail(settings.data_directory / "mail", settings.mail_sender, clock)


def relying_parties(settings: Settings) -> dict[SubjectKind, RelyingParty]:
    """Passkeys are good for one origin each; the host is the identifier."""
    name = str(read_currency(settings.currency_file)["name"])
    origins: dict[SubjectKind, str] = {"member": settings.wallet_origin, "officer": settings.console_origin}
    return {
        kind: RelyingParty(urlsplit(origin).hostname or "localhost", name, origin)
        for kind, origin in origins.items()
    }


def transport_worker(settings: Settings, record: Record) -> Worker:
    """What carries the bank's files: nothing of ours unless the operator's client is named."""
    if not settings.bank_fetch_command and not settings.bank_send_command:
        return Worker("transport", FolderTransport().exchange, settings.bank_fetch_interval_s)
    commands = ClientCommands(
        fetch=settings.bank_fetch_command,
        send=settings.bank_send_command,
        fetch_orders=settings.bank_fetch_orders,
        send_order=settings.bank_send_order,
        check_order=settings.bank_check_order,
        fetch_interval_s=settings.bank_fetch_interval_s,
        timeout_s=settings.bank_command_timeout_s,
        rules=SendingRules(frozenset(settings.bank_not_sent_exit_codes)),
    )
    folders = (settings.bank_inbox, settings.bank_outbox, settings.bank_checks)
    carrier = CommandTransport(*folders, commands, record)
    return Worker(
        "transport", carrier.exchange, settings.bank_poll_interval_s, round_s=commands.longest_round_s()
    )


def open_data_worker(open_data: OpenData) -> Worker:
    return Worker("open_data", open_data.run_once, OPEN_DATA_INTERVAL_S, round_s=OPEN_DATA_ROUND_S)


def make_topups(
    settings: Settings,
    engine: Engine,
    clock: Clock,
    commands: CommandQueue,
    rules: RulesSource,
    push: Push,
    journal: Journal,
    may_mint: Callable[[], bool],
) -> TopupService:
    """In production nothing announces transfers but the bank."""
    account = ReserveAccount(settings.reserve_iban, settings.reserve_bic, settings.reserve_holder)
    announced = ExpectedTransfers(settings.bank_inbox.parent / "expected")
    told = None if settings.environment == "production" else announced
    once_from = settings.visitor_loads_once_from
    return TopupService(engine, clock, commands, rules, push, journal, account, told, may_mint, once_from)


def make_listings(engine: Engine, clock: Clock, push: Push, journal: Journal, pictures: Sandbox) -> Listings:
    """Pictures are drawn where identity documents are."""
    return Listings(engine, clock, push, journal, PictureFramer(pictures))


def payout_terms(settings: Settings) -> PayoutTerms:
    """Who pays, in which form of file, and where files go."""
    return PayoutTerms(
        Debtor(settings.reserve_holder, settings.reserve_iban, settings.reserve_bic),
        FileTerms(settings.payout_version, settings.payout_as_one_sum),
        settings.bank_outbox,
        settings.bank_checks,
    )


def make_proofs(
    settings: Settings,
    engine: Engine,
    clock: Clock,
    push: Push,
    sealer: Sealer,
    journal: Journal,
    members: MemberService,
) -> IdentityProofs:
    """Raises ProviderKeyUnusable."""
    means = ProofMeans(push, sealer, journal, members)
    return IdentityProofs(engine, clock, means, identity_providers(settings, clock))


def identity_providers(settings: Settings, clock: Clock) -> list[RemoteProvider]:
    """Those the settings name; papers are none of them. Raises ProviderKeyUnusable."""
    makers: dict[str, Callable[[Settings, Clock], RemoteProvider]] = {
        "france_connect": _france_connect,
        "european_wallet": _european_wallet,
    }
    return [makers[name](settings, clock) for name in settings.identity_providers]


def return_address(settings: Settings, name: ProviderName) -> str:
    """Where a provider sends people back, letter by letter as it was told."""
    return f"{settings.wallet_origin}/v1/identity/returns/{name.value}"


def _france_connect(settings: Settings, clock: Clock) -> RemoteProvider:
    assert settings.france_connect_secret_file is not None  # the settings see to it
    key_file = settings.france_connect_encryption_key_file
    terms = FranceConnectTerms(
        issuer=settings.france_connect_issuer,
        client_id=settings.france_connect_client_id,
        client_secret=read_line(settings.france_connect_secret_file),
        return_address=return_address(settings, ProviderName.FRANCE_CONNECT),
        after_address=f"{settings.wallet_origin}/identity",
        least_level=settings.france_connect_level,
        encryption_key=read_encryption_key(key_file) if key_file else None,
    )
    return FranceConnect(terms, clock)


def _european_wallet(settings: Settings, clock: Clock) -> RemoteProvider:
    certificate_file, key_file = settings.european_wallet_certificate_file, settings.european_wallet_key_file
    issuers_file = settings.european_wallet_issuers_file
    assert certificate_file is not None  # the settings see to it
    assert key_file is not None
    assert issuers_file is not None
    terms = read_terms(
        settings.wallet_origin,
        (certificate_file, key_file, issuers_file),
        settings.european_wallet_credential_types,
        settings.european_wallet_unchecked_status,
    )
    return EuropeanWallet(terms, clock)
