"""The network's bench in words and in the few figures others look for. Pure."""

from __future__ import annotations

from typing import Any

#: Of the mission: payments with all their rules against the engine's plain transfers.
WANTED_RATIO = 1.5
WANTED_FIRST_MS = 300
FEW_CORES_LOAD = 1.0


def headline(result: dict[str, Any]) -> dict[str, Any]:
    """The figures by their agreed names. A rung counts by what became final within its own window."""
    per_s = {
        kind: max(rung["final_within_per_s"] for rung in rungs) for kind, rungs in result["payments"].items()
    }
    erc20 = result["erc20"]["per_s"]
    firsts = sorted(result["first_after_a_pause_ms"])
    return {
        "erc20_per_s": erc20,
        "payments_per_s": per_s,
        "ratio": round(per_s["mixed"] / erc20, 2),
        "p99_final_ms": {part: rung["final_ms"]["p99"] for part, rung in result["parts_of_reached"].items()},
        "first_after_a_pause_p50_ms": firsts[len(firsts) // 2],
    }


def as_markdown(result: dict[str, Any]) -> str:
    cores = result["machine"]["cores"]
    lines = [
        "# What the five validators carry",
        "",
        "Written by `make bench-network WITH=--write`: five validators, the service, its database and the"
        f" generator on {cores} cores. The load average was {result['load_average_before']} before and"
        f" {result['load_average_after']} after.",
        *(_busy(result, cores)),
        "",
        "| | a second |",
        "|---|---:|",
        f"| plain ERC-20 transfers, signed beforehand (the engine's ceiling) | {result['erc20_per_s']} |",
    ]
    lines += [
        f"| signed payments through the whole service to final, {kind} | {per_s} |"
        for kind, per_s in result["payments_per_s"].items()
    ]
    lines += [
        f"| ratio, mixed to plain; {WANTED_RATIO} wanted | {result['ratio']} |",
        "",
        "| load | offered/s | final p50 / p95 / p99 ms |",
        "|---|---:|---|",
    ]
    for part, rung in result["parts_of_reached"].items():
        final = rung["final_ms"]
        lines.append(
            f"| {part} % of what was reached | {rung['offered_per_s']:.1f} "
            f"| {final['p50']} / {final['p95']} / {final['p99']} |"
        )
    blocks, plain = result["blocks"], result["erc20"]["blocks"]
    lines += [
        "",
        f"First payment after a pause: {result['first_after_a_pause_p50_ms']} ms to final at p50"
        f" ({WANTED_FIRST_MS} wanted), of {len(result['first_after_a_pause_ms'])}.",
        f"Blocks under payments: {blocks['count']}, {blocks['between_ms_p50']} ms apart at p50; under plain"
        f" transfers {plain['count']}, {plain['between_ms_p50']} ms, at most {plain['gas_most']} gas.",
        f"Disk: {result['disk_bytes_per_payment'] / 1000:.1f} gigabytes per million payments, on all five"
        " together.",
        "",
        "| process | memory MB | processor ms a payment at 90 % |",
        "|---|---:|---:|",
    ]
    spent = result["parts_of_reached"]["90"]["cpu_ms_per_payment"]
    lines += [
        f"| {name} | {megabytes} | {spent.get(name, '-')} |"
        for name, megabytes in result["memory_megabytes"].items()
    ]
    return "\n".join([*lines, *_extrapolated(result, spent, cores), ""])


def _busy(result: dict[str, Any], cores: int) -> list[str]:
    if result["load_average_before"] <= FEW_CORES_LOAD * cores:
        return []
    return ["", "**Others worked on this machine meanwhile: these figures are below what it carries alone.**"]


def _extrapolated(result: dict[str, Any], spent: dict[str, float], cores: int) -> list[str]:
    """What five machines would carry, by which reasoning."""
    validators = [value for name, value in spent.items() if name.startswith("validator")]
    one = max(validators, default=0.0)
    if not one:
        return ["", "Nothing is said of five machines: the validators' processor time was not seen."]
    apart = round(cores * 1000 / one)
    return [
        "",
        "## Five machines",
        "",
        f"Here five validators share {cores} cores with the service; at 90 % a payment costs the dearest"
        f" validator {one} ms of processor time. On a machine of its own with {cores} such cores it has"
        f" time for {apart} payments a second, if nothing else bound it. Three things do, and this bench"
        " cannot see them: a block's gas (100 M, some 16 400 a payment: 6 100 payments a block), the block"
        " rhythm (two seconds at first, half a second after some 7 300 blocks: 3 050 to 12 200 a second), and"
        " the votes' way between machines, which here is loopback. With 10 ms between machines a vote of"
        " twelve rounds takes at least 120 ms more to final. The service's own processor time a payment"
        f" ({spent.get('service', '-')} ms) then decides: it is one machine, whatever the validators are.",
    ]
