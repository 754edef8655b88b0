"""Writes docs/accessibility.md and the data of /accessibility from axe's looks and a table kept by hand.

`python -m scripts.docs.accessibility` writes both, `--check` fails when one is out of date. With `--looks`
the looks of the last run of tests/e2e/test_accessibility.py (reports/accessibility.jsonl) are summed up
into docs/bench/accessibility.json first. docs/accessibility.toml holds what a person saw, and how.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter, defaultdict
from typing import Any

from scripts.docs.written import DOCS, ROOT, bring, table

PAGE = DOCS / "accessibility.md"
HAND = DOCS / "accessibility.toml"
LOOKS = DOCS / "bench" / "accessibility.json"
RECORD = ROOT / "reports" / "accessibility.jsonl"
DATA = ROOT / "wallet_service" / "help" / "accessibility.json"
COMMAND = ".venv/bin/python -m scripts.docs.accessibility"
STATES = ("met", "partly", "not met", "not applicable")
#: Success criteria of WCAG 2.2 at A and AA; 4.1.1 is gone since 2.2.
CRITERIA_COUNT = 55

HEAD = f"""# Accessibility

Written by `{COMMAND}` from [accessibility.toml](accessibility.toml), which is kept
by hand, and from [bench/accessibility.json](bench/accessibility.json), which sums up what axe saw; do not
edit. A test fails when it is out of date. The page `/accessibility` of the wallet's host declares the same.

The rules are WCAG 2.2, levels A and AA, on which EN 301 549 (9.1 to 9.4) and RGAA 4.1.2 rest. RGAA's own
method, with its sample of pages and its 106 criteria, was not followed by anybody: the pages are therefore
declared *not conforming* in France, whatever the table says. Nobody who lives with a disability has tried
them, and no screen reader was used.
"""


def hand_table() -> dict[str, Any]:
    """The table as it is kept. Raises SystemExit for one that leaves a criterion out or has another state."""
    read = tomllib.loads(HAND.read_text("utf-8"))
    criteria = read["criteria"]
    names = [each["id"] for each in criteria]
    if len(names) != CRITERIA_COUNT or len(set(names)) != CRITERIA_COUNT:
        raise SystemExit(f"{HAND.name} has {len(set(names))} criteria of {CRITERIA_COUNT}")
    for each in criteria:
        if each["state"] not in STATES:
            raise SystemExit(f"{HAND.name}: {each['id']} is {each['state']!r}, none of {STATES}")
        if each["state"] in ("partly", "not met") and not (each.get("french") and each.get("english")):
            raise SystemExit(f"{HAND.name}: {each['id']} does not say what fails, in both languages")
    return read


def looks_kept() -> dict[str, Any]:
    """What the last run that was kept saw."""
    read: dict[str, Any] = json.loads(LOOKS.read_text("utf-8"))
    return read


def summed(lines: list[str]) -> dict[str, Any]:
    """What axe saw, by face: states, looks, rules that passed somewhere, violations, what it left open."""
    looks = {
        (one["face"], one["state"], one["language"], one["theme"]): one
        for one in (json.loads(line) for line in lines)
    }
    by_face: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in looks.values():
        by_face[one["face"]].append(one)
    return {
        "axe": max(one["axe"] for one in looks.values()),
        "day": max(one["day"] for one in looks.values()),
        "faces": {
            face: {
                "states": len({one["state"] for one in found}),
                "looks": len(found),
                "rules_passed": sorted({rule for one in found for rule in one["passed"]}),
                "violations": sum(len(one["violated"]) for one in found),
                "unsure": dict(sorted(Counter(rule for one in found for rule in one["unsure"]).items())),
            }
            for face, found in sorted(by_face.items())
        },
    }


def declared(hand: dict[str, Any], looks: dict[str, Any]) -> dict[str, Any]:
    """What the page shows."""
    states = Counter(each["state"] for each in hand["criteria"])
    faces = looks["faces"].values()
    return {
        "checked_on": hand["checked_on"].isoformat(),
        "answer_days": hand["answer_days"],
        "met": states["met"],
        "applicable": CRITERIA_COUNT - states["not applicable"],
        "not_applicable": states["not applicable"],
        "axe_version": looks["axe"],
        "axe_day": looks["day"],
        **{name: sum(face[name] for face in faces) for name in ("states", "looks", "violations")},
        "failings": [
            {
                "criterion": each["id"],
                "level": each["level"],
                "french": each["french"],
                "english": each["english"],
            }
            for each in hand["criteria"]
            if each["state"] in ("partly", "not met")
        ],
        "unchecked": [[each["french"], each["english"]] for each in hand["unchecked"]],
    }


def page(hand: dict[str, Any], looks: dict[str, Any]) -> str:
    shown = declared(hand, looks)
    share = 100 * shown["met"] // shown["applicable"]
    met, applicable, others = shown["met"], shown["applicable"], shown["not_applicable"]
    parts = [
        HEAD,
        f"**{met} of {applicable} criteria are met ({share}%)**, {others} do not apply. Checked on"
        f" {shown['checked_on']}; answers within {shown['answer_days']} working days.\n",
        "## What axe saw\n",
        f"axe-core {looks['axe']}, {looks['day']}, every page of `tests/e2e/test_accessibility.py` in two"
        " languages and two themes.\n"
        "*Unsure* are rules whose answer axe left to a person, and in how many looks.\n",
        table(
            ("face", "states", "looks", "rules passed", "violations", "unsure"),
            [
                (
                    face,
                    str(seen["states"]),
                    str(seen["looks"]),
                    str(len(seen["rules_passed"])),
                    str(seen["violations"]),
                    ", ".join(f"{rule} {times}" for rule, times in seen["unsure"].items()) or "none",
                )
                for face, seen in looks["faces"].items()
            ],
        ),
        "\n## How it was checked by hand\n",
        *(f"* **{name}**: {how}" for name, how in hand["means"].items()),
        "\n## What nobody has checked\n",
        *(f"* {each['english']}" for each in hand["unchecked"]),
        "\n## Criterion by criterion\n",
        table(
            ("criterion", "level", "state", "by", "what was seen"),
            [
                (
                    f"{each['id']} {each['name']}",
                    each["level"],
                    each["state"],
                    ", ".join(each["by"]),
                    each.get("english") or each["seen"],
                )
                for each in hand["criteria"]
            ],
        ),
    ]
    return "\n".join(parts) + "\n"


def main(arguments: list[str]) -> int:
    if arguments == ["--looks"]:
        found = summed(RECORD.read_text("utf-8").splitlines())
        LOOKS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        arguments = []
    hand, looks = hand_table(), looks_kept()
    data = json.dumps(declared(hand, looks), ensure_ascii=False, indent=1) + "\n"
    return bring(DATA, data, arguments, COMMAND) or bring(PAGE, page(hand, looks), arguments, COMMAND)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
