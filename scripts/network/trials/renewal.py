"""A validation ends and is renewed, in minutes: python -m scripts.network.trials.renewal.

On a network of its own whose validations last minutes: the first ends, the others go on, the renewal command
stakes and lists it again, and it takes part in blocks. Needs the built engine; says so where it is missing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from scripts.network import engine, founding, operators, status
from scripts.network.layout import NetworkFailed
from scripts.network.permissions import Permission, change_all
from scripts.network.rpc import NoAnswer
from scripts.network.trials.load import until
from scripts.network.trials.short import head_of

FIRST_PORT = 19_750
#: The first of five ends after VALIDATION_S - 4 * APART_S: later than the founding takes.
VALIDATION_S, APART_S = 1_500, 300
ENDED_WITHIN_S = 600.0
NOBODY = "0x" + "be" * 20


def main() -> int:
    if not engine.is_built():
        print("renewal: skipped, the engine is not built; `make network` builds it")
        return 0
    began_s = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - began_s:5.1f} s] {text}", flush=True)

    with tempfile.TemporaryDirectory(prefix="alba-renewal-") as temporary:
        folder = Path(temporary) / "network"
        try:
            return run(folder, say)
        except (NetworkFailed, NoAnswer) as error:
            print(f"renewal: {error}", file=sys.stderr)
            return 1
        finally:
            founding.forget(folder, founding.leftovers())


def run(folder: Path, say: founding.Report) -> int:
    """0 when five validate again."""
    chain_id = founding.usual_wishes().chain_id
    wishes = founding.Wishes(chain_id, FIRST_PORT, validation_s=VALIDATION_S, apart_s=APART_S)
    founded = founding.found(folder, engine.built(), wishes, say)
    ends = status.validation_ends(founded)
    first = min(founded.nodes, key=lambda node: ends[node.node_id])
    say(f"{first.name} validates for {ends[first.node_id] - int(time.time())} s more")
    if until(lambda: first.node_id not in status.validation_ends(founded), ENDED_WITHIN_S) is None:
        say("its validation did not end")
        return 1
    say(f"it has ended; {len(status.validation_ends(founded))} validate")
    say("; ".join(status.warnings(status.look(folder, founded))[:1]))
    before = head_of(founded)[0]
    change_all(folder, founded, {NOBODY: [Permission.ACCOUNT]})
    say(f"the others go on: block {before}, then {head_of(founded)[0]}")
    operators.renew(folder, founded, first.name, "its validation has ended", is_meant=True, say=say)
    if until(lambda: first.node_id in status.validation_ends(founded), ENDED_WITHIN_S) is None:
        say("it is not listed again")
        return 1
    change_all(folder, founded, {NOBODY: [Permission.ACCOUNT]}, admitted=False)
    say(
        f"five validate again, at block {head_of(founded)[0]}; {status.verdict(status.look(folder, founded))}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
