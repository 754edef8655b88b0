"""`make demo`: from nothing to three addresses. `--reset` forgets the state; `--rebuild` checks the books.

`--codes` prints the addresses again, with fresh codes, while the demonstration runs; `--service` hands a
command to the service.

Owns the order of a start, signals and the words on the terminal. What is slow to import is imported while
something else is awaited. Prepares everything aside and marks it ready last, so that a start killed half-way
begins again from nothing instead of from half.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scripts.demo import checks, stack_layout
from scripts.demo.processes import AlreadyRunning, ProgramDied, Programs
from scripts.demo.reloading import reload_on_change

HOST = "127.0.0.1"
DAYS = 30
#: Invitations, logs and the book of the demo bank are for who started it alone.
PRIVATE_DIRECTORY = 0o700
READY_DEADLINE_S = 60.0
READY_POLL_S = 0.05
WATCH_INTERVAL_S = 0.5
REBUILD_TIMEOUT_S = 300
BAR_WIDTH = 30
PORTS = {
    "ALBA_WALLET_PORT": 8401,
    "ALBA_TILL_PORT": 8402,
    "ALBA_CONSOLE_PORT": 8403,
    "ALBA_PUSH_PORT": 8404,
    "ALBA_RPC_PORT": 8545,
}
#: The ports of what runs, for who asks from another terminal.
PORTS_FILE = Path("run") / "ports"
PROFILES = ("embedded", "network")
#: Each has a state of its own, so that neither forgets the other's.
DIRECTORIES = {"embedded": Path("var"), "network": Path("var") / "on-network"}
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CANNOT_START = (checks.CannotStart, stack_layout.StackFailed, AlreadyRunning, ProgramDied)


class Terminal:
    """One line of progress for each step, with its time."""

    def __init__(self) -> None:
        self._started_s = time.monotonic()
        self._reported_tenth = 0

    def step(self, text: str) -> None:
        print(f"[{time.monotonic() - self._started_s:5.1f} s] {text}", flush=True)

    def bar(self, text: str, share: float) -> None:
        if not sys.stdout.isatty():
            if (tenth := int(share * 10)) > self._reported_tenth:  # a log file: some lines, no drawing
                self._reported_tenth = tenth
                self.step(text)
            return
        full = int(BAR_WIDTH * share)
        bar = "#" * full + "." * (BAR_WIDTH - full)
        print(f"\r          [{bar}] {text:<16}", end="\n" if share >= 1 else "", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.demo", description="Start the demonstration.")
    parser.add_argument("--reset", action="store_true", help="forget the demonstration's state and end")
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="read the whole chain into SQL again, say what differs, end",
    )
    parser.add_argument("--codes", action="store_true", help="print fresh codes for what runs, and end")
    parser.add_argument(
        "--reload", action="store_true", help="for development: restart programs and rebuild pages on change"
    )
    parser.add_argument(
        "--profile", choices=PROFILES, default=PROFILES[0], help="the embedded node, or `make network`'s"
    )
    parser.add_argument(
        "--service",
        nargs=argparse.REMAINDER,
        metavar="COMMAND",
        help="a command of the service's, with the demonstration's settings; `bank-doctor FOLDER` ...",
    )
    parser.add_argument("--directory", type=Path, default=None, help="where the state lives")
    parser.add_argument("--days", type=int, default=DAYS, choices=range(2, DAYS + 1), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    directory: Path = (options.directory or DIRECTORIES[options.profile]).resolve()
    if options.service is not None:
        return _service_command(directory, options.profile, options.service)
    programs = Programs(directory / "run", directory / "logs")
    for number in ENDING_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup is respected
            signal.signal(number, _end)
    try:
        if options.codes:
            _print_fresh_codes(directory, programs, options.profile)
            return 0
        programs.take_folder()
        if options.reset:
            _reset(directory, programs)
        elif options.rebuild:
            return _rebuild(directory, programs, options.profile)
        else:
            vouch = _start(directory, programs, options.days, options.profile)
            if options.reload:
                reload_on_change(programs, directory / "logs")
            _watch(programs, vouch)
    except KeyboardInterrupt:
        print("\nEnding ...", flush=True)
    except CANNOT_START as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    finally:
        _ignore_signals()
        for name in programs.stop_all():
            print(f"the {name} did not end when asked and was killed", file=sys.stderr)
    return 0


def _end(*_: object) -> None:
    """The first signal ends everything; what follows it must not interrupt the ending."""
    _ignore_signals()
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _reset(directory: Path, programs: Programs) -> None:
    programs.end_leftovers()
    stack_layout.forget_state(directory)
    shutil.rmtree(directory / "logs", ignore_errors=True)
    print("The demonstration's state is gone; `make demo` starts afresh.")


def _rebuild(directory: Path, programs: Programs, profile: str) -> int:
    """Its answer is the command's: 0 when SQL's copy was the chain's."""
    if not (directory / stack_layout.READY_MARK).exists():
        raise checks.CannotStart("there is nothing to compare yet: `make demo` makes it.")
    programs.end_leftovers()
    environment = _stack(directory, profile, _free_ports()).service_environment()
    return subprocess.run(
        stack_layout.service_command("rebuild"), env=environment, timeout=REBUILD_TIMEOUT_S, check=False
    ).returncode


def _service_command(directory: Path, profile: str, command: Sequence[str]) -> int:
    """Beside a demonstration that runs, or alone. Its answer is the command's; 1 where none was made."""
    if not (directory / stack_layout.READY_MARK).exists():
        print("demo: there is no demonstration to ask yet: `make demo` makes it.", file=sys.stderr)
        return 1
    environment = _stack(directory, profile, _last_ports(directory)).service_environment()
    return subprocess.run(stack_layout.service_command(*command), env=environment, check=False).returncode


def _last_ports(directory: Path) -> dict[str, int]:
    """Of the newest start; those of the environment where none has been since a state of before was kept."""
    try:
        ports: dict[str, int] = json.loads((directory / PORTS_FILE).read_text(encoding="utf-8"))
    except OSError:
        return checks.read_ports(os.environ, PORTS)
    return ports


def _free_ports() -> dict[str, int]:
    ports = checks.read_ports(os.environ, PORTS)
    checks.check_ports(ports, HOST)
    return ports


def _stack(directory: Path, profile: str, ports: Mapping[str, int]) -> stack_layout.Stack:
    network_urls: tuple[str, ...] = ()
    if profile == "network":
        from scripts.demo import on_network  # late: the embedded demonstration needs nothing of it

        network_urls = on_network.network_urls()
    return stack_layout.Stack(
        directory,
        HOST,
        wallet_port=ports["ALBA_WALLET_PORT"],
        till_port=ports["ALBA_TILL_PORT"],
        console_port=ports["ALBA_CONSOLE_PORT"],
        rpc_port=ports["ALBA_RPC_PORT"],
        push_port=ports["ALBA_PUSH_PORT"],
        network_urls=network_urls,
    )


def _start(directory: Path, programs: Programs, days: int, profile: str) -> Callable[[], int]:
    """What lets the invited phones pay, again and again."""
    terminal = Terminal()
    checks.check_python()
    checks.check_disk(directory)
    node = checks.check_node()
    for name in programs.end_leftovers():
        terminal.step(f"ended the {name}, left running by an earlier start")
    ports = _free_ports()
    made = _stack(directory, profile, ports)
    for name in [name for name in os.environ if name.startswith("ALBA_")]:
        del os.environ[name]  # what was for another service must not reach this one
    directory.chmod(PRIVATE_DIRECTORY)
    terminal.step("building the pages")
    _build_pages(node, directory / "logs" / "pages.log")
    ready = directory / stack_layout.READY_MARK
    if not ready.exists():
        stack_layout.forget_state(directory)
        _prepare(made, days, terminal)
        ready.touch()
    terminal.step("starting the service, the node and the till")
    (directory / PORTS_FILE).write_text(json.dumps(ports), encoding="utf-8")
    programs.start("push", stack_layout.push_command(made.push_port), os.environ)
    programs.start("service", stack_layout.service_command("serve"), made.service_environment())
    programs.start("till", stack_layout.till_command(), made.till_environment())
    from scripts.demo.invitations import keep_vouching, make_invitations  # late: while the programs start

    _wait_ready(programs, made.origin(made.wallet_port) + "/ready", directory)
    _wait_ready(programs, made.origin(made.till_port) + "/health", directory)
    invitations = make_invitations(made)
    terminal.step("everything is up")
    _print_addresses(made, invitations)
    return keep_vouching(made)


def _print_fresh_codes(directory: Path, programs: Programs, profile: str) -> None:
    """What the start printed, with codes that nobody has used. Raises CannotStart when nothing runs."""
    try:
        programs.take_folder()
    except AlreadyRunning:
        made = _stack(directory, profile, _last_ports(directory))
    else:
        raise checks.CannotStart("no demonstration runs from this folder; `make demo` starts it.")
    from scripts.demo.invitations import make_invitations  # late: it takes the whole service's code

    _print_addresses(made, make_invitations(made))


def _prepare(made: stack_layout.Stack, days: int, terminal: Terminal) -> None:
    """What it takes is imported late: only the first start needs it."""
    if made.network_urls:
        from scripts.demo.on_network import prepare_on_network

        prepare_on_network(made, terminal.step, terminal.bar)
        return
    from scripts.demo.preparation import prepare

    prepare(made, days, terminal.step, terminal.bar)


def _build_pages(node: str, log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        ended = subprocess.run(
            [node, "scripts/build/bundle.mjs"],
            cwd=stack_layout.ROOT,
            stdout=output,
            stderr=output,
            check=False,
        )
    if ended.returncode != 0:
        raise stack_layout.StackFailed(f"building the pages failed; details in {log}")


def _wait_ready(programs: Programs, url: str, directory: Path) -> None:
    deadline_s = time.monotonic() + READY_DEADLINE_S
    while time.monotonic() < deadline_s:
        programs.check()
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # nosec B310: our own origin
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(READY_POLL_S)
    raise stack_layout.StackFailed(
        f"{url} did not answer in {READY_DEADLINE_S:.0f} s; the logs are in {directory / 'logs'}"
    )


def _print_addresses(made: stack_layout.Stack, invitations: dict[str, str]) -> None:
    wallet, till, console = (
        made.origin(port) for port in (made.wallet_port, made.till_port, made.console_port)
    )
    print(
        f"""
  Wallet   {wallet}          public page: {wallet}/public
  Till     {till}
  Console  {console}

  To try a payment:
  1. Till: open it, pair it with the code {invitations["pairing"]} ({invitations["shop"]}),
     type 12,50, Encaisser.
  2. Wallet: open {invitations["resident"]}
     ({invitations["person"]}'s second phone), tap Scanner or "Taper un code", type the six digits, pay.
  3. The shop's own wallet (refunds, euros), in another browser profile: {invitations["merchant"]}
  4. Console: {invitations["officer_all"]}
     second officer, for what takes two: {invitations["officer_second"]}
  5. Your own wallet: open the wallet, ask to add money, then `make bank-day` in another terminal.
{_returns_line(invitations)}
  Notices: "Moi", "Être prévenu" in a wallet or the console; what was pushed: {made.push_origin}/
  Each code opens once; `make demo-codes` prints fresh ones in another terminal.
  Ctrl-C ends everything; the state stays in {made.directory.name}/ . `make demo-reset` forgets it.
""",
        flush=True,
    )


def _returns_line(invitations: dict[str, str]) -> str:
    """Nothing where an older preparation named no account that takes what members give back."""
    if not invitations["issuer"]:
        return ""
    return f"""  6. `make bank-day WITH=--reversal` takes a credit back; a member gives it back at the till of
     {invitations["issuer"]}: code {invitations["returns"]}, wallet {invitations["issuer_wallet"]}
"""


def _watch(programs: Programs, vouch: Callable[[], int]) -> None:
    while True:
        programs.check()
        vouch()
        time.sleep(WATCH_INTERVAL_S)


if __name__ == "__main__":
    sys.exit(main())
