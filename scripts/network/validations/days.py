"""Days until each validation ends: python -m scripts.network.validations.days <address> <list>.

Exit status 1 when somebody must act: fewer than 60, 30 or 7 days, or fewer validators than the operators'
file has. For a timer whose failure rings the machine's own alarm.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence

from scripts.network.layout import VALIDATORS
from scripts.network.rpc import NoAnswer
from scripts.network.status import ends_from
from wallet_service.chain.node.several.validations import days_until, passed_bound


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.network.validations.days", description=__doc__)
    parser.add_argument("address", help="http://127.0.0.1:9650")
    parser.add_argument("list", help="the list of the chain's validators")
    parser.add_argument("--validators", type=int, default=VALIDATORS, help="how many there must be")
    options = parser.parse_args(arguments)
    try:
        ends = ends_from(options.address, options.list)
    except NoAnswer as error:
        print(f"days: {error}", file=sys.stderr)
        return 1
    sentences, must_act = judged(ends, options.validators, time.time())
    print("\n".join(sentences))
    return 1 if must_act else 0


def judged(ends_unix_s: Mapping[str, int], wanted: int, now_unix_s: float) -> tuple[list[str], bool]:
    """A sentence for each validator, and whether somebody must act."""
    sentences, must_act = [], False
    for node_id, end_unix_s in sorted(ends_unix_s.items(), key=lambda item: item[1]):
        days = days_until(end_unix_s, now_unix_s)
        bound = passed_bound(days)
        must_act |= bound is not None
        alarm = "" if bound is None else f"  ALARM: less than {bound}"
        sentences.append(f"{node_id}: {days} days{alarm}")
    if len(ends_unix_s) < wanted:
        must_act = True
        sentences.append(f"ALARM: {len(ends_unix_s)} validators of {wanted}: see docs/operators.md, 'Renew'")
    return sentences, must_act


if __name__ == "__main__":
    sys.exit(main())
