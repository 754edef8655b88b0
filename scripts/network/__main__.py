"""`make network` and its sisters: python -m scripts.network up | start | stop | status | reset.

Owns the command line and the lock on the folder; says one sentence when something cannot be done.
"""

from __future__ import annotations

import argparse
import fcntl
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.network import engine, founding, status
from scripts.network import nodes as processes
from scripts.network.layout import (
    DEFAULT_FOLDER,
    FIRST_PORT,
    Founded,
    NetworkFailed,
    read_record,
    require_record,
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.network", description="Five validators on this machine.")
    parser.add_argument("command", choices=("up", "start", "stop", "status", "reset"))
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where the network lives")
    parser.add_argument("--first-port", type=int, default=FIRST_PORT, help="ten ports from here on are taken")
    parser.add_argument("--without-sync", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    folder: Path = options.folder.resolve()
    try:
        if options.command == "status":
            return show(folder, require_record(folder))
        with held(folder):
            if options.command == "up":
                return up(folder, options.first_port, sync=not options.without_sync)
            if options.command == "start":
                return start(folder)
            if options.command == "stop":
                return stop(folder)
            return reset(folder)
    except NetworkFailed as error:
        print(f"network: {error}", file=sys.stderr)
        return 1


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """One command at a time on a folder, however it ends.

    The lock stands beside the folder: a reset removes that.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NetworkFailed(f"another command works on {folder}; wait for it") from None
        yield


def up(folder: Path, first_port: int, *, sync: bool = True) -> int:
    """Found it if need be, start it if need be, show it."""
    began_s = time.monotonic()

    def report(text: str) -> None:
        print(f"[{time.monotonic() - began_s:5.1f} s] {text}", flush=True)

    if not engine.is_built():
        report("building the engine with Go: minutes the first time, nothing the next")
    programs = engine.build()
    founded = read_record(folder)
    if founded is None:
        founding.forget(folder, founding.leftovers())
        usual = founding.usual_wishes()
        wishes = founding.Wishes(usual.chain_id, first_port, sync=sync)
        founded = founding.found(folder, programs, wishes, report)
    else:
        report("starting the validators that do not run")
        founding.run(folder, founded, programs)
    report("the validators agree")
    return show(folder, founded)


def start(folder: Path) -> int:
    founded = require_record(folder)
    if not engine.is_built():
        raise NetworkFailed("the engine is not built for these versions; `make network` builds it")
    founding.run(folder, founded, engine.built())
    return show(folder, founded)


def stop(folder: Path) -> int:
    founded = read_record(folder)
    for name in processes.stop(folder, founded.nodes if founded else founding.leftovers()):
        print(f"{name} did not end when asked and was killed", file=sys.stderr)
    print("No validator runs; `make network-start` starts the same chain again.")
    return 0


def reset(folder: Path) -> int:
    founding.forget(folder, founding.leftovers())
    print("The network is gone, keys and blocks; `make network` founds another.")
    return 0


def show(folder: Path, founded: Founded) -> int:
    """The table; 0 when blocks can be made."""
    shown = status.look(folder, founded)
    print(status.table(shown))
    sentence = status.verdict(shown)
    for line in (sentence, *status.warnings(shown)):
        print(line)
    return 1 if sentence.startswith("ALARM") else 0


if __name__ == "__main__":
    sys.exit(main())
