"""What each validator says of itself, as a table. Asks only; changes nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.network.layout import MAY_FAIL, Founded, Node
from scripts.network.nodes import pid_of
from scripts.network.rpc import NoAnswer, ask
from wallet_service.chain.node.several.validations import ENDED, days_until, passed_bound


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the table; None for what the validator did not say. `days_left` below 0: it has ended."""

    node: Node
    url: str
    pid: int | None
    height: int | None
    head_hash: str | None
    peers: int | None
    days_left: int | None


def look(folder: Path, founded: Founded) -> list[Shown]:
    ends = validation_ends(founded)
    days_left = {name: days_until(end_unix_s, time.time()) for name, end_unix_s in ends.items()}
    otherwise = ENDED if ends else None
    return [_look_at(folder, founded, node, days_left.get(node.node_id, otherwise)) for node in founded.nodes]


def validation_ends(founded: Founded) -> dict[str, int]:
    """When each validator's validation ends (unix seconds), by its identity; from whoever answers."""
    for node in founded.nodes:
        try:
            return ends_from(node.address, founded.subnet_id)
        except NoAnswer:
            continue
    return {}


def ends_from(address: str, list_id: str) -> dict[str, int]:
    """The same from one validator. Raises NoAnswer."""
    answer = ask(f"{address}/ext/bc/P", "platform.getCurrentValidators", {"subnetID": list_id})
    try:
        return {str(one["nodeID"]): int(one["endTime"]) for one in answer["validators"]}
    except (KeyError, TypeError, ValueError) as error:
        raise NoAnswer(f"{address} talks nonsense of its validators") from error


def _look_at(folder: Path, founded: Founded, node: Node, days_left: int | None) -> Shown:
    height = head_hash = peers = None
    try:
        head = ask(founded.rpc_url(node), "eth_getBlockByNumber", ["latest", False])
        height, head_hash = int(head["number"], 16), str(head["hash"])
        peers = int(ask(f"{node.address}/ext/info", "info.peers", {})["numPeers"])
    except (NoAnswer, KeyError, TypeError, ValueError):
        pass
    return Shown(node, founded.rpc_url(node), pid_of(folder, node), height, head_hash, peers, days_left)


def table(shown: Sequence[Shown]) -> str:
    """For a terminal."""
    rows = [("validator", "RPC", "process", "height", "last block", "peers", "days left")]
    for one in shown:
        rows.append(
            (
                one.node.name,
                one.url,
                str(one.pid or "not running"),
                _or_dash(one.height),
                (one.head_hash or "-")[:12],
                _or_dash(one.peers),
                "ended" if one.days_left == ENDED else _or_dash(one.days_left),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def verdict(shown: Sequence[Shown]) -> str:
    """One sentence: does the chain go on, and how many may still fail."""
    away = [one.node.name for one in shown if one.height is None]
    heads = {one.head_hash for one in shown if one.height == max((s.height or 0) for s in shown)}
    if len(heads) > 1:
        return "ALARM: two validators tell different stories of the same height."
    if len(away) > MAY_FAIL:
        return f"ALARM: no block is made: {len(away)} of {len(shown)} do not answer ({', '.join(away)})."
    if away:
        return f"Blocks are made; {away[0]} does not answer, and no other may fail."
    return f"All {len(shown)} answer; {MAY_FAIL} may fail."


def warnings(shown: Sequence[Shown]) -> list[str]:
    """A sentence for each validation that ends within the days somebody must know of."""
    sentences = []
    for one in shown:
        if one.days_left is None:
            continue
        if one.days_left == ENDED:
            sentences.append(
                f"ALARM: {one.node.name} is no validator now: its validation has ended or it was removed; "
                f"`python -m scripts.network.operators renew {one.node.name} --because ... --yes`."
            )
            continue
        bound = passed_bound(one.days_left)
        if bound is not None:
            sentences.append(
                f"ALARM: the validation of {one.node.name} ends in {one.days_left} days "
                f"(less than {bound}): see docs/operators.md, 'Renew before the end date'."
            )
    return sentences


def _or_dash(value: int | None) -> str:
    return "-" if value is None else str(value)
