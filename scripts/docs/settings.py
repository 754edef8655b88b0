"""Writes docs/settings.md: every setting of the service and of the point of sale, from their classes.

`python -m scripts.docs.settings` writes the page, `--check` fails when it is out of date. What a setting
means is said below: a setting that is missing there is an error of this script.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic_settings import BaseSettings

from merchant_pos.settings import PosSettings
from scripts.docs.written import DOCS, ROOT, bring, table
from wallet_service.platform.settings import Settings

PAGE = DOCS / "settings.md"
COMMAND = ".venv/bin/python -m scripts.docs.settings"

HEAD = f"""# Settings

Written by `{COMMAND}` from the code; do not edit. A test fails when it is out of date.

Settings are environment variables, read once when a program starts. A wrong one ends the program with a
sentence that names it. `make demo` takes the five ports (`ALBA_WALLET_PORT`, `ALBA_TILL_PORT`,
`ALBA_CONSOLE_PORT`, `ALBA_PUSH_PORT`, `ALBA_RPC_PORT`) from the environment and sets everything else
itself. The currency's name, unit, sign, region, time zone and colours are in
`wallet_service/currency.json`, or in the file `ALBA_CURRENCY_FILE` names, for the service and the point of
sale alike.
"""

MEANINGS: dict[type[BaseSettings], dict[str, str]] = {
    Settings: {
        "environment": "`production` turns off what only a demonstration may do",
        "data_directory": "database (SQLite), the embedded chain's dumps",
        "database_url": "empty: SQLite in the data directory; else `postgresql+psycopg://...`",
        "database_statement_timeout_ms": "PostgreSQL ends a statement that takes longer; 0: never",
        "database_lock_timeout_ms": "PostgreSQL ends a statement that waits longer for somebody's lock",
        "database_idle_in_transaction_timeout_ms": (
            "PostgreSQL ends a connection that stops so long inside a transaction; below the lock's"
        ),
        "database_tcp_user_timeout_ms": "a connection whose other side acknowledges nothing so long is cut",
        "master_key_file": "32 bytes, mode 0600; unseals role keys and personal data",
        "chain_keys_directory": "one sealed file per role key",
        "chain_profile": "`wallet_service/chain/node/profiles/<name>.json`, or a file's path ending in .json",
        "rpc_url": "the chain node, or several with commas; of the embedded one, where strangers may read",
        "public_rpc_url": "the address of a node that strangers reach, for the commands of the public page",
        "embedded_node": "start and watch the embedded node; reading passes at the RPC address",
        "deployment_file": "written by `scripts/deploy.py`: which chain, which ledger",
        "host": "address the service listens on",
        "trusted_proxies": "proxies and points of sale whose `X-Forwarded-For` is believed: addresses or "
        "networks, with commas; empty: nobody's",
        "wallet_port": "wallet pages, API, public page",
        "till_port": "of the point of sale, for addresses only",
        "console_port": "console pages",
        "wallet_origin": "as people's browsers see it; also the passkeys' relying party",
        "till_origin": "as tablets see it",
        "console_origin": "as officers' browsers see it",
        "currency_file": "name, unit, sign, region, time zone, colours",
        "bank_inbox": "camt.053 files are read from here",
        "bank_outbox": "pain.001 files are written here",
        "bank_checks": "files whose payees' names the bank is to check before an order is signed; never "
        "executed, so outside the outbox",
        "reserve_iban": "the segregated account; the default is invented",
        "reserve_bic": "its bank; empty when the bank's guide wants none",
        "reserve_holder": "its holder, letter by letter as in the bank's contract: payers' banks compare it",
        "contact_phone": "the number on the help page, digits alone or + and digits; empty: none",
        "contact_mail": "the address on the help page; empty: none",
        "contact_hours": "when the number answers, as people read it",
        "contact_address": "the desk's address, as people read it",
        "help_places_file": "CSV of places where a person helps: name, commune (INSEE), address, hours, "
        "phone, and desk (yes where accounts without a phone are opened); a wrong one ends the program at "
        "its start",
        "returns_account": "address of the association's account that takes what is given back; empty: none",
        "bank_poll_interval_s": "how often the inbox is looked at",
        "member_streams": "places for members' open streams in each process, at most twelve each",
        "till_streams": "the same for tills, each of which holds one: at least as many as there are tablets",
        "bank_files_kept_days": "how long booked and sent files lie, sealed, before they are removed",
        "bank_process": "whether the bank's worker has a process of its own, which `serve` keeps",
        "payout_version": "the pain.001 version the bank's contract names",
        "payout_as_one_sum": "whether the bank debits a payout file as one sum (BtchBookg)",
        "bank_fetch_command": "JSON list: the EBICS client's program and arguments, with `{order}` and "
        "`{folder}` to fill in; empty: others fill the inbox",
        "bank_fetch_orders": "JSON list: what is fetched, in the client's words (order types or services)",
        "bank_fetch_interval_s": "how often the bank is asked",
        "bank_send_command": "JSON list: program and arguments, with `{order}` and `{file}` to fill in; "
        "empty: others empty the outbox",
        "bank_send_order": "how a SEPA credit transfer file is sent, in the client's words",
        "bank_check_order": "how a file is sent whose names are only checked; empty: others empty the folder",
        "bank_not_sent_exit_codes": "JSON list: exit codes with which the client says that surely nothing "
        "left; others than these and 0 leave the file's fate to an officer",
        "bank_command_timeout_s": "then a run of the client is ended, with all it started",
        "mail_host": "empty: no mail in production, files under `mail/` elsewhere",
        "mail_port": "of the mail server",
        "mail_security": "`starttls` or `tls`, with its certificate; `none` for a relay beside us",
        "push_stand_in": "demonstrations alone: the origin on this machine that plays browsers' push service",
        "mail_sender": "who writes; also whom browsers' push services may write to",
        "mail_user": "empty: the server asks for no sign-in",
        "identity_providers": "JSON list of who else says who somebody is, beside papers: "
        "`france_connect`, `european_wallet`; none by default",
        "france_connect_issuer": "its address as its own description has it (`issuer`), path included; "
        "eidas2 and eidas3 are FranceConnect+'s",
        "france_connect_client_id": "ours there",
        "france_connect_secret_file": "holds our secret there: one line, mode 0600",  # nosec B105
        "france_connect_level": "the least level taken: `eidas2` (substantial) or `eidas3` (high); less "
        "proves no identity before the law",
        "france_connect_encryption_key_file": "private key (EC P-256 or RSA, PEM) where tokens come "
        "encrypted, as FranceConnect+'s do; its public half is at `/v1/identity/keys`",
        "european_wallet_certificate_file": "our access certificate for wallets and its chain, PEM, leaf "
        "first; it names the wallet's host",
        "european_wallet_key_file": "its private key, EC P-256, PEM, mode 0600",
        "european_wallet_issuers_file": "the roots of providers of personal identification data that are "
        "believed, PEM",
        "european_wallet_credential_types": "JSON list: types (`vct`) of credentials that are asked for",
        "european_wallet_unchecked_status": "a credential that names a status list, which nobody here asks: "
        "`refuse` it or `accept` it",
        "mail_key_file": "holds what the server asks that user for: one line, mode 0600",
        "notices_interval_s": "how often notices are looked for and sent",
        "visitor_loads_once_from": "ISO day; from it on a wallet without identity is loaded once only",
        "sale_lifetime_s": "a sale's QR code is good for so long",
        "payment_lifetime_s": "a signed payment must reach the chain within so long",
        "redemption_lifetime_s": "a signed redemption must reach the chain within so long",
        "redemption_fee_basis_points": "100 is one per cent",
        "redemption_delay_days": "what the quote promises",
        "settle_interval_ms": "how often accepted payments are batched",
        "index_interval_ms": "how often new blocks are looked for",
        "max_batch_payments": "payments in one transaction",
    },
    PosSettings: {
        "service_url": "the wallet service, as this program reaches it",
        "source_address": "where its requests to the service come from, for the service to trust it; empty: "
        "the system's choice",
        "host": "address the point of sale listens on",
        "trusted_proxies": "proxies whose `X-Forwarded-For` is believed, as for the service",
        "port": "its port",
        "origin": "as the tablet's browser sees it; https makes the cookie Secure",
        "wallet_origin": "where the tablet's browser finds the help",
        "data_directory": "the paired tills' keys",
        "currency_file": "name, unit, colours, time zone; `ALBA_CURRENCY_FILE` sets it for both programs",
        "largest_sale_cents": "a guard against a slip of the finger, not a legal limit",
        "connect_timeout_s": "to reach the service",
        "read_timeout_s": "for one answer of the service",
        "total_timeout_s": "one request with its retries; the page waits twice as long",
        "pulse_interval_s": "how often the service is asked whether it is there",
    },
}


def page() -> str:
    parts = [HEAD]
    for settings, heading in ((Settings, "The service"), (PosSettings, "The point of sale")):
        parts.append(f"## {heading}\n\n{table(('variable', 'default', 'meaning'), _rows(settings))}\n")
    return "\n".join(parts)


def _rows(settings: type[BaseSettings]) -> list[tuple[str, str, str]]:
    meanings = MEANINGS[settings]
    names = list(settings.model_fields)
    if unexplained := set(names) ^ set(meanings):
        raise SystemExit(f"{settings.__name__}: {sorted(unexplained)} and MEANINGS do not agree")
    prefix = settings.model_config.get("env_prefix", "")
    return [
        (f"`{prefix}{name.upper()}`", _shown(settings.model_fields[name].default), meanings[name])
        for name in names
    ]


def _shown(default: object) -> str:
    if default in ("", ()):
        return ""
    if isinstance(default, tuple):
        return f"`{json.dumps(default)}`"
    if isinstance(default, Path):
        return f"`{default.relative_to(ROOT) if default.is_absolute() else default}`"
    return f"`{default}`"


if __name__ == "__main__":
    sys.exit(bring(PAGE, page(), sys.argv[1:], COMMAND))
