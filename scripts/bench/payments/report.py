"""The payments' figures as a table for people and as names for programs. Pure."""

from __future__ import annotations

from typing import Any

#: Below this share of what was offered within the window a rung is not held.
HELD_SHARE = 0.98
DATABASES = ("sqlite", "postgresql")
NOT_RUN = {
    "hordak_per_s": "not run: django-hordak is not among what the bench installs",
    "lnbits_per_s": "not run: LNbits needs a Lightning back end to post anything",
}


def headline(result: dict[str, Any]) -> dict[str, Any]:
    """What the file says first: of SQLite, the embedded default, where it was measured."""
    found = next(result[name] for name in DATABASES if name in result)
    best = max(found["ladder"], key=lambda rung: rung["final_per_s"])
    at_hundred = min(found["ladder"], key=lambda rung: abs(rung["offered_per_s"] - 100))
    measured = [result[name] for name in DATABASES if name in result]
    node = found.get("node_transfers_per_s")
    return {
        "final_per_s": best["final_per_s"],
        "accept_per_s": max(rung["accept_per_s"] for rung in found["ladder"]),
        "p99_final_ms": at_hundred["final_ms"]["p99"],
        "hot_shop_final_per_s": found["hot_shop"]["final_per_s"],
        "cpu_ms_per_payment": round(sum(service_cpu(best).values()), 3),
        "node_transfers_per_s": node,
        "pgbench_per_s": result.get("postgresql", {}).get("pgbench_per_s"),
        "ceiling_per_s": found.get("accept_alone_per_s"),
        "invariants_ok": all(
            all(each["invariants"].values())
            and all(rung["all_accepted_are_final"] for rung in (*each["ladder"], each["hot_shop"]))
            for each in measured
        ),
        **dict.fromkeys(NOT_RUN),
        "not_run": NOT_RUN,
    }


def service_cpu(rung: dict[str, Any]) -> dict[str, float]:
    """What a payment costs the service, its node and its database; not who measures."""
    spent: dict[str, float] = rung["cpu_ms_per_payment"]
    return {name: ms for name, ms in spent.items() if name not in ("generator", "measuring")}


def as_markdown(result: dict[str, Any]) -> str:
    lines = [
        "# Signed payments a second to final",
        "",
        "Written by `make bench-payments WITH=--write`. An open loop: payments signed beforehand are sent",
        f"over HTTP at a constant rate for {result['duration_s']:g} s a rung, whatever the answers do, by a",
        "process of its own; times count from the moment a payment was due. Final: another connection reads",
        f"that it is paid. {result['members']} members, {result['shops']} shops, every tenth payment for a",
        "sale; database and disk durable as shipped; generator, service, node and database share the cores.",
        "",
    ]
    for name in DATABASES:
        if name in result:
            lines += _database(name, result[name])
    lines += ["## Beside it", "", "| | a second |", "|---|---:|"]
    for key, words in (
        ("node_transfers_per_s", "the embedded node alone: plain signed transfers, 250 handed over at once"),
        ("ceiling_per_s", "accepting alone: signature and durable commit, 200 at once, one thread"),
        ("pgbench_per_s", "pgbench TPC-B on the same PostgreSQL, 16 clients"),
        ("hordak_per_s", "django-hordak"),
        ("lnbits_per_s", "LNbits"),
    ):
        said = result["not_run"].get(key, "not run") if result.get(key) is None else result[key]
        lines.append(f"| {words} | {said} |")
    lines += ["", "## Machine", "", *(f"* {name}: {value}" for name, value in result["machine"].items()), ""]
    return "\n".join(lines)


def _database(name: str, found: dict[str, Any]) -> list[str]:
    lines = [
        f"## {name}",
        "",
        "| offered/s | accepted/s | final/s | of them in the window | accept p50 / 95 / 99 / 99.9 ms |"
        " final p50 / 95 / 99 / 99.9 ms | processor ms a payment | refused | load |",
        "|---:|---:|---:|---:|---|---|---|---|---:|",
    ]
    for words, rung in (*(("", rung) for rung in found["ladder"]), (" to a hot shop", found["hot_shop"])):
        cpu = ", ".join(f"{part} {ms:g}" for part, ms in rung["cpu_ms_per_payment"].items())
        refused = ", ".join(f"{count} {code}" for code, count in rung["refusals"].items()) or "0"
        if rung["unanswered"]:
            refused += f", {rung['unanswered']} unanswered"
        lines.append(
            f"| {rung['offered_per_s']:g}{words} | {rung['accept_per_s']:g} | {rung['final_per_s']:g} |"
            f" {rung['final_within_per_s']:g} | {_row(rung['accept_ms'])} | {_row(rung['final_ms'])} |"
            f" {cpu} |"
            f" {refused} | {rung['load_average']:g} |"
        )
    held = [rung for rung in found["ladder"] if rung["final_per_s"] >= HELD_SHARE * rung["offered_per_s"]]
    highest = max((rung["offered_per_s"] for rung in held), default=0)
    kept = ", ".join(f"{name}: {'yes' if is_so else 'NO'}" for name, is_so in found["invariants"].items())
    return [*lines, "", f"Highest rate that became final as it was offered: {highest:g}/s. {kept}.", ""]


def _row(figures: dict[str, float]) -> str:
    return " / ".join(f"{value:.0f}" for value in figures.values())
