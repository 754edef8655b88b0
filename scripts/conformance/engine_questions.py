"""What the engine itself must be and do: identity, agreement, fees, opcodes, precompile, limits."""

from __future__ import annotations

import hashlib
import time

from eth_account import Account

from scripts.conformance.bench import Bench, CannotTell, Refused
from scripts.conformance.verdicts import Outcome, Verdict
from scripts.ledger.build import LEDGER_FACETS, artifact
from wallet_service.chain.node.client import quantity
from wallet_service.platform.errors import ChainUnavailable
from wallet_service.protocol.signing import p256

#: Two nodes asked one after the other may be so many blocks apart while the chain runs.
MAX_LAG_BLOCKS = 3
P256_PRECOMPILE = "0x" + (0x100).to_bytes(20, "big").hex()
INTRINSIC_GAS, GAS_A_ZERO, GAS_A_BYTE = 21_000, 4, 16
WATCHED_BLOCKS = 10
WATCHED_FOR_S = 2.0
WATCH_POLL_S = 0.25
#: A program for each opcode the compiler may use, which returns one word that is not zero.
PROGRAMS = {
    "PUSH0": (0x5F, "602a5f5260205ff3"),
    "TLOAD": (0x5C, "602a60005d60005c60005260206000f3"),
    "TSTORE": (0x5D, "602a60005d60005c60005260206000f3"),
    "MCOPY": (0x5E, "602a6000526020600060205e60206020f3"),
}
ANSWER = "0x" + (42).to_bytes(32, "big").hex()
PUSH1, PUSH32 = 0x60, 0x7F
#: What all senders together may need for the questions, in gas.
NEEDED_GAS = 60_000_000


def chain_id(bench: Bench) -> Verdict:
    question = "chain id"
    expected = bench.profile.chain_id
    found = {node.url: quantity(node.ask("eth_chainId")) for node in bench.nodes}
    for url, number in found.items():
        if number != expected:
            return Verdict(
                question,
                Outcome.FAIL,
                f"{url} is chain {number}; the profile says {expected}",
                {"chain_id": number},
            )
    return Verdict(question, Outcome.PASS, f"{expected} everywhere", {"chain_id": expected})


def agreement(bench: Bench) -> Verdict:
    """Heads near each other, and one hash at the highest height all have."""
    question = "nodes agree"
    if len(bench.nodes) < 2:
        raise CannotTell("one address was given; agreement needs two")
    heights = [node.height() for node in bench.nodes]
    highest, lowest = max(heights), min(heights)
    if highest - lowest > MAX_LAG_BLOCKS:
        behind = bench.nodes[heights.index(lowest)].url
        return Verdict(
            question,
            Outcome.FAIL,
            f"{behind} is behind: at block {lowest} while another is at {highest}",
            {"lag_blocks": highest - lowest},
        )
    hashes = {node.url: str(node.block(hex(lowest))["hash"]) for node in bench.nodes}
    if len(set(hashes.values())) > 1:
        return Verdict(question, Outcome.FAIL, f"block {lowest} has different hashes: {hashes}")
    return Verdict(question, Outcome.PASS, f"{len(hashes)} nodes have one block {lowest}")


def fees(bench: Bench) -> Verdict:
    """Whether the profile's gas price is taken, and whether the accounts can pay it."""
    question = "gas price and empty accounts"
    price = bench.profile.gas_price_wei
    base_fee = quantity(bench.node.block().get("baseFeePerGas", "0x0"))
    facts = {"base_fee_wei": base_fee}
    if base_fee > price:
        return Verdict(
            question,
            Outcome.FAIL,
            f"a block's base fee is {base_fee} wei and the profile sends at {price} wei: "
            "senders would need funds, and a profile that says so",
            facts,
        )
    poor = [
        account.address
        for account in bench.keys.everybody()
        if quantity(bench.node.ask("eth_getBalance", account.address, "latest")) < price * NEEDED_GAS
    ]
    if poor:
        return Verdict(
            question,
            Outcome.FAIL,
            f"a base fee without funds: the price is {price} wei and {poor[0]} holds too little",
            facts,
        )
    empty = "an empty account sends" if price == 0 else f"senders hold what {price} wei a gas takes"
    return Verdict(question, Outcome.PASS, f"base fee {base_fee} wei, {empty}", facts)


def opcodes(bench: Bench) -> Verdict:
    question = "opcodes of the compiled contracts"
    used = _used_opcodes()
    missing = []
    for name, (number, program) in PROGRAMS.items():
        if number not in used:
            continue
        try:
            call = {"from": bench.keys.deployer.address, "data": "0x" + program}
            if bench.node.ask("eth_call", call, "latest") != ANSWER:
                missing.append(name)
        except Refused:
            missing.append(name)
    if missing:
        return Verdict(
            question, Outcome.FAIL, f"the engine does not run {', '.join(missing)}: it needs the Cancun rules"
        )
    ran = [name for name, (number, _) in PROGRAMS.items() if number in used]
    return Verdict(question, Outcome.PASS, f"runs {', '.join(ran)}")


def _used_opcodes() -> set[int]:
    """Of the contracts' code, operands of pushes left out."""
    used: set[int] = set()
    for name in (*LEDGER_FACETS, "LedgerProxy"):
        code, position = artifact(name).runtime_code, 0
        while position < len(code):
            opcode = code[position]
            used.add(opcode)
            position += 1 + (opcode - PUSH1 + 1 if PUSH1 <= opcode <= PUSH32 else 0)
    return used


def p256_precompile(bench: Bench) -> Verdict:
    question = "P-256 precompile"
    key, message = p256.new_private_key(), b"conformance"
    data = hashlib.sha256(message).digest() + p256.sign_message(key, message) + p256.point_of(key)
    call = {"to": P256_PRECOMPILE, "data": "0x" + data.hex()}
    if bench.node.ask("eth_call", call, "latest") in ("0x", None):
        return Verdict(
            question,
            Outcome.PASS,
            "none at 0x100: the contracts verify in Solidity, at some 250 000 gas each",
            {"p256_precompile": False},
        )
    whole = quantity(bench.node.ask("eth_estimateGas", call))
    zeros = data.count(0)
    gas = whole - INTRINSIC_GAS - zeros * GAS_A_ZERO - (len(data) - zeros) * GAS_A_BYTE
    return Verdict(
        question, Outcome.PASS, f"at 0x100, about {gas} gas", {"p256_precompile": True, "p256_gas": gas}
    )


def gas_limits(bench: Bench) -> Verdict:
    """A block, and one transaction, hold a whole batch."""
    question = "gas limits against max_batch_gas"
    wanted = bench.profile.max_batch_gas
    limit = quantity(bench.node.block()["gasLimit"])
    facts = {"block_gas_limit": limit}
    if limit < wanted:
        return Verdict(question, Outcome.FAIL, f"a block takes {limit} gas, a batch may take {wanted}", facts)
    deployer = bench.keys.deployer
    try:
        bench.send(deployer, deployer.address, gas=wanted)
    except Refused as refusal:
        return Verdict(
            question, Outcome.FAIL, f"a transaction of {wanted} gas is refused: {refusal.message}", facts
        )
    return Verdict(question, Outcome.PASS, f"a block takes {limit} gas, a transaction {wanted}", facts)


def strangers(bench: Bench) -> Verdict:
    """Whether the chain itself keeps strangers out. Either way the currency works; the operator must know."""
    question = "a stranger's transaction"
    stranger = Account.create()
    raw, transaction_hash = bench.signed(stranger, 0, stranger.address, b"", INTRINSIC_GAS)
    try:
        bench.node.ask("eth_sendRawTransaction", raw)
    except Refused as refusal:
        return Verdict(
            question, Outcome.PASS, f"refused by the pool: {refusal.message}", {"strangers_refused": True}
        )
    bench.wait(transaction_hash, WATCHED_FOR_S)
    return Verdict(
        question,
        Outcome.PASS,
        "taken: nothing but the way to the node keeps strangers out",
        {"strangers_refused": False},
    )


def finality(bench: Bench) -> Verdict:
    """No hash may change at a height that counts, whatever is asked meanwhile."""
    question = "finality: one hash at a height"
    depth = bench.profile.finality_depth
    head = bench.node.height() - depth
    first = max(0, head - WATCHED_BLOCKS)
    seen = {number: str(bench.node.block(hex(number))["hash"]) for number in range(first, head + 1)}
    deadline_s = time.monotonic() + WATCHED_FOR_S
    while time.monotonic() < deadline_s:
        for node in bench.nodes:
            for number, known in seen.items():
                if str(node.block(hex(number))["hash"]) != known:
                    return Verdict(question, Outcome.FAIL, f"block {number} has another hash at {node.url}")
        time.sleep(WATCH_POLL_S)
    return Verdict(
        question,
        Outcome.PASS,
        f"blocks {first} to {head} kept their hashes for {WATCHED_FOR_S:.0f} s under a depth of {depth}",
    )


def restart(bench: Bench) -> Verdict:
    """A node that was ended hard comes back with the block it had."""
    question = "a node ended hard comes back whole"
    if bench.restart is None:
        raise CannotTell("the node's machine is not ours to restart")
    before = bench.node.block()
    bench.restart()
    deadline_s = time.monotonic() + bench.profile.receipt_timeout_s
    while time.monotonic() < deadline_s:
        try:
            after = bench.node.block(before["number"])
        except (ChainUnavailable, Refused, CannotTell):
            time.sleep(WATCH_POLL_S)
            continue
        same = after["hash"] == before["hash"]
        return Verdict(
            question,
            Outcome.PASS if same else Outcome.FAIL,
            f"block {quantity(before['number'])} is {'there' if same else 'another one'} after the restart",
        )
    return Verdict(question, Outcome.FAIL, f"no answer {bench.profile.receipt_timeout_s} s after the restart")
