"""What a question ended with, and how all of them are written down. Pure but for the files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from wallet_service.chain.node.profile import ChainProfile


class Outcome(StrEnum):
    """`CANNOT_TELL` is no pass: something the question needs was not there."""

    PASS = "pass"  # nosec B105 -- a verdict
    FAIL = "fail"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`sentence` says what was seen; `facts` are numbers a profile or a reader may want."""

    question: str
    outcome: Outcome
    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)


def table(verdicts: Sequence[Verdict]) -> str:
    """For a terminal: one line for each question."""
    width = max(len(one.question) for one in verdicts)
    return "\n".join(f"{one.outcome.value:<11}  {one.question:<{width}}  {one.sentence}" for one in verdicts)


def report(verdicts: Sequence[Verdict], profile: ChainProfile, urls: Sequence[str]) -> str:
    """The same as a page, with the facts."""
    counts = ", ".join(
        f"{sum(one.outcome is outcome for one in verdicts)} {outcome.value}" for outcome in Outcome
    )
    lines = [
        f"# Conformance of {', '.join(urls)}",
        "",
        f"Asked against the profile `{profile.name}`: {counts}.",
        "",
        "| question | answer | what was seen |",
        "|---|---|---|",
    ]
    lines += [f"| {one.question} | {one.outcome.value} | {one.sentence} |" for one in verdicts]
    facts = {name: value for one in verdicts for name, value in one.facts.items()}
    lines += ["", "```json", json.dumps(facts, indent=2, sort_keys=True), "```", ""]
    return "\n".join(lines)


def measured_profile(
    verdicts: Sequence[Verdict], profile: ChainProfile, urls: Sequence[str]
) -> dict[str, Any]:
    """The profile asked against, with these addresses and what was measured instead of what was assumed.

    A budget of gas is only ever raised: a batch that runs out of gas reverts whole.
    """
    facts = {name: value for one in verdicts for name, value in one.facts.items()}
    content = asdict(profile)
    budgets = {
        kind: max(budget, int(facts.get(f"gas_{kind}", 0)))
        for kind, budget in profile.gas_per_payment.items()
    }
    content.update(rpc_urls=list(urls), gas_per_payment=budgets)
    content["gas_price_wei"] = max(profile.gas_price_wei, int(facts.get("base_fee_wei", 0)))
    if "block_gas_limit" in facts:
        content["max_batch_gas"] = min(profile.max_batch_gas, int(facts["block_gas_limit"]))
    return content


def write(folder: Path, verdicts: Sequence[Verdict], profile: ChainProfile, urls: Sequence[str]) -> None:
    """`report.md`, `report.json` and `profile.json` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(report(verdicts, profile, urls), encoding="utf-8")
    rows = [{**asdict(one), "outcome": one.outcome.value} for one in verdicts]
    (folder / "report.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    content = measured_profile(verdicts, profile, urls)
    (folder / "profile.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
