"""`make run`: the demonstration for somebody who changes its code. Owns what is restarted by which change.

Python files restart the service and the till; what browsers load is built again by the bundler's own watch,
and templates are read anew by a restart. The state stays: it is the demonstration's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from scripts.demo.processes import Programs
from scripts.demo.stack_layout import ROOT

WATCHED = ("wallet_service", "merchant_pos")
#: The endings of what a running Python program has read; scripts and styles are the bundler's.
READ_AT_START = (".py", ".html", ".po", ".json", ".csv")
BUNDLER = ("node", "scripts/build/bundle.mjs", "--watch")


def programs_to_restart(changed: Iterable[Path]) -> set[str]:
    """The programs that hold something of what changed: the till imports the service's protocol."""
    restarted: set[str] = set()
    for path in changed:
        parts = path.relative_to(ROOT).parts
        if path.suffix not in READ_AT_START or "dist" in parts or "__pycache__" in parts:
            continue
        if parts[0] == "merchant_pos" or parts[:2] == ("wallet_service", "protocol"):
            restarted.add("till")
        if parts[0] == "wallet_service":
            restarted.add("service")
    return restarted


def reload_on_change(programs: Programs, logs: Path) -> None:
    """Until a signal. A program that died of a faulty change is started again by the next one."""
    from watchfiles import watch  # late: only developers have it

    programs.start("pages", BUNDLER, os.environ)
    print(f"Watching {', '.join(WATCHED)}; `make logs` in another terminal shows {logs}.", flush=True)
    for changes in watch(*(ROOT / name for name in WATCHED), raise_interrupt=True):
        changed = [Path(path) for _, path in changes]
        for name in sorted(programs_to_restart(changed)):
            print(f"{changed[0].relative_to(ROOT)} changed: restarting the {name}", flush=True)
            programs.restart(name)
