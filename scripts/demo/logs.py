"""`make logs`: follows the demonstration's logs and prints them for people, one line an entry.

Reads only. A line that is no JSON object (a traceback, a program's own words) is printed as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

LEVELS = ("debug", "info", "warning", "error", "critical")
POLL_INTERVAL_S = 0.2
#: How much of each log is shown before it is followed.
TAIL_BYTES = 4_000
#: Shown first or not at all; everything else follows as name=value.
PLACED = {"at", "timestamp", "level", "event", "message"}


def readable(line: str, source: str, lowest: str) -> str | None:
    """One log line for people; None when its level is below `lowest`."""
    try:
        entry = json.loads(line)
    except ValueError:
        return f"{source:<8} {line}"
    if not isinstance(entry, dict):
        return f"{source:<8} {line}"
    level = str(entry.get("level", "info"))
    if level in LEVELS and LEVELS.index(level) < LEVELS.index(lowest):
        return None
    at = str(entry.get("at") or entry.get("timestamp") or "")[11:23]
    message = str(entry.get("event") or entry.get("message") or "")
    rest = " ".join(f"{name}={value}" for name, value in entry.items() if name not in PLACED)
    return f"{at} {source:<8} {level:<8} {message} {rest}".rstrip()


def follow(folder: Path) -> Iterator[tuple[str, str]]:
    """(log's name, line), for ever; logs that appear later are followed too."""
    opened: dict[Path, TextIO] = {}
    while True:
        for path in sorted(folder.glob("*.log")):
            if path not in opened:
                opened[path] = path.open(encoding="utf-8", errors="replace")
                opened[path].seek(max(path.stat().st_size - TAIL_BYTES, 0))
                if opened[path].tell():
                    opened[path].readline()  # the rest of a line cut in the middle
        fresh = [(path.stem, line.rstrip("\n")) for path, file in opened.items() for line in file]
        yield from fresh
        if not fresh:
            time.sleep(POLL_INTERVAL_S)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.demo.logs", description="Follow the demonstration's logs.")
    parser.add_argument("--directory", type=Path, default=Path("var"), help="where the state lives")
    parser.add_argument("--level", choices=LEVELS, default="info", help="the lowest level shown")
    given = parser.parse_args(arguments)
    folder = given.directory / "logs"
    if not folder.is_dir():
        print(f"there are no logs in {folder} yet: `make demo` or `make run` writes them", file=sys.stderr)
        return 1
    try:
        for source, line in follow(folder):
            shown = readable(line, source, given.level)
            if shown is not None:
                print(shown, flush=True)
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
