"""What operators do with the network's lists, each act with a preview and an entry in their journal.

    python -m scripts.network.operators admit-account 0x... --because "relayer of the service"
    python -m scripts.network.operators remove-deployer 0x... --because "deployment is over" --yes

Without --yes nothing is done: what would change is printed. Keys are read from files of mode 600 in the
network's folder, never from arguments.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scripts.network import engine, journal, status
from scripts.network.founding import Report, call_founder
from scripts.network.layout import DEFAULT_FOLDER, MAY_FAIL, Founded, NetworkFailed, Node, require_record
from scripts.network.permissions import Lists, Permission
from scripts.network.rpc import NoAnswer
from scripts.network.validations.renewal import new_end_unix_s
from wallet_service.chain.node.several.validations import days_until

ACCOUNT_ACTS = {
    "admit-account": (Permission.ACCOUNT, True),
    "remove-account": (Permission.ACCOUNT, False),
    "admit-deployer": (Permission.DEPLOYER, True),
    "remove-deployer": (Permission.DEPLOYER, False),
}
VALIDATOR_ACTS = {"add-validator": True, "remove-validator": False}
RENEW = "renew"
WORDS = {"none": "may not", "enabled": "may", "admin": "may, and admits others", "manager": "may"}
MEANINGS = {Permission.ACCOUNT: "send transactions", Permission.DEPLOYER: "deploy contracts"}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts.network.operators",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("act", choices=[*ACCOUNT_ACTS, *VALIDATOR_ACTS, RENEW, "show", "journal"])
    parser.add_argument("subject", nargs="?", default="", help="an address, or a validator's name")
    parser.add_argument("--because", default="", help="why; it stands in the journal")
    parser.add_argument("--yes", action="store_true", help="do it; without, only say what would change")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER)
    options = parser.parse_args(arguments)
    folder: Path = options.folder.resolve()
    try:
        founded = require_record(folder)
        if options.act == "journal":
            return show_journal(folder)
        if options.act == "show":
            return show_account(folder, founded, options.subject)
        if options.act == RENEW:
            return renew(folder, founded, options.subject, options.because, options.yes)
        if options.act in ACCOUNT_ACTS:
            return change_account(folder, founded, options.act, options.subject, options.because, options.yes)
        return change_validator(folder, founded, options.act, options.subject, options.because, options.yes)
    except (NetworkFailed, NoAnswer) as error:
        print(f"operators: {error}", file=sys.stderr)
        return 1


def change_account(
    folder: Path, founded: Founded, act: str, account: str, ground: str, is_meant: bool, say: Report = print
) -> int:
    permission, admitted = ACCOUNT_ACTS[act]
    lists = Lists(folder, founded)
    change = lists.prepare(permission, account, admitted=admitted)
    if change is None:
        say(f"{account}: nothing to change")
        return 0
    meaning = MEANINGS[permission]
    say(f"{change.account}: {WORDS[change.before]} {meaning} now; then it {WORDS[change.after]} {meaning}")
    if not is_meant:
        say("Nothing was done. Say --yes to do it.")
        return 0
    details = {"before": change.before, "after": change.after, "transactions": change.hashes}
    journal.append(folder, act, change.account, ground, details)
    lists.carry_out(change)
    say(f"Done, and in the journal: {change.hashes[-1]}")
    return 0


def change_validator(
    folder: Path, founded: Founded, act: str, name: str, ground: str, is_meant: bool, say: Report = print
) -> int:
    node = _named(founded, name)
    listed = set(status.validation_ends(founded))
    is_added = VALIDATOR_ACTS[act]
    if (node.node_id in listed) == is_added:
        say(f"{name}: nothing to change")
        return 0
    after = len(listed) + (1 if is_added else -1)
    say(f"{name} ({node.node_id}): {len(listed)} validators now, then {after}")
    quorum = len(founded.nodes) - MAY_FAIL
    if after < quorum:
        raise NetworkFailed(f"with {after} validators no block could be made: {quorum} must agree")
    say(f"{quorum} must agree on each block: then {after - quorum} may fail")
    if not is_meant:
        say("Nothing was done. Say --yes to do it.")
        return 0
    journal.append(folder, act, node.node_id, ground, {"before": len(listed), "after": after})
    call_founder(
        engine.built(),
        folder,
        "add" if is_added else "remove",
        *("--uri", _answering(folder, founded).address),
        *("--subnet", founded.subnet_id, "--validator", node.node_id),
    )
    say("Done, and in the journal.")
    return 0


def renew(folder: Path, founded: Founded, name: str, ground: str, is_meant: bool, say: Report = print) -> int:
    """Stake a validator again whose validation has ended, and list it again."""
    node = _named(founded, name)
    ends = status.validation_ends(founded)
    now_unix_s = int(time.time())
    if node.node_id in ends:
        days = days_until(ends[node.node_id], now_unix_s)
        say(f"{name}: nothing to renew, {days} whole days are left; the engine does not prolong what runs")
        return 0
    end_unix_s = new_end_unix_s(now_unix_s, ends.values())
    day = datetime.fromtimestamp(end_unix_s, UTC).date().isoformat()
    say(f"{name} ({node.node_id}): no validator now; then one of {len(ends) + 1}, until {day}")
    if not is_meant:
        say("Nothing was done. Say --yes to do it.")
        return 0
    journal.append(folder, RENEW, node.node_id, ground, {"end_unix_s": end_unix_s})
    renewed = call_founder(
        *(engine.built(), folder, RENEW, "--uri", _answering(folder, founded).address),
        *("--node-uri", node.address, "--subnet", founded.subnet_id, "--validator", node.node_id),
        *("--end", str(end_unix_s)),
    )
    day = datetime.fromtimestamp(renewed["end_unix_s"], UTC).date().isoformat()
    say(f"Done, and in the journal: it validates until {day}.")
    return 0


def show_account(folder: Path, founded: Founded, account: str) -> int:
    lists = Lists(folder, founded)
    for permission in Permission:
        print(f"{account}: {WORDS[lists.word(permission, account)]} {MEANINGS[permission]}")
    return 0


def show_journal(folder: Path) -> int:
    found = journal.entries(folder)
    for entry in found:
        print(f"{entry['at_unix_s']}  {entry['act']:<17} {entry['subject']}  {entry['ground']}")
    journal.require_whole(found)
    print(f"{len(found)} entries, each follows from the one before")
    return 0


def _named(founded: Founded, name: str) -> Node:
    for node in founded.nodes:
        if name in (node.name, node.node_id):
            return node
    raise NetworkFailed(f"there is no validator {name}: {', '.join(node.name for node in founded.nodes)}")


def _answering(folder: Path, founded: Founded) -> Node:
    for one in status.look(folder, founded):
        if one.height is not None:
            return one.node
    raise NetworkFailed("no validator answers; see `make network-status`")


if __name__ == "__main__":
    sys.exit(main())
