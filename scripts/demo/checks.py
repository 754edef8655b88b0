"""What must be true before the demonstration starts; each failure is one sentence that says what to do."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

MIN_FREE_BYTES = 500_000_000
MIN_PYTHON = (3, 11)
MIN_NODE_MAJOR = 20
NODE_TIMEOUT_S = 10
#: What an earlier demonstration, killed hard, left behind may take a moment to let its ports go.
PORT_GRACE_S = 2.0
PORT_POLL_S = 0.05
MAX_PORT = 65_535


class CannotStart(Exception):
    """The message is the sentence shown to the person who typed the command."""


def check_python() -> None:
    if sys.version_info < MIN_PYTHON:
        raise CannotStart("Python 3.11 or later is needed; run `make demo` with PYTHON=python3.11.")


def check_node() -> str:
    """The path of Node.js."""
    node = shutil.which("node")
    if node is None:
        raise CannotStart(
            f"Node.js {MIN_NODE_MAJOR} or later is needed and 'node' was not found; install it."
        )
    completed = subprocess.run(
        [node, "--version"], capture_output=True, text=True, timeout=NODE_TIMEOUT_S, check=False
    )
    version = re.match(r"v(\d+)\.", completed.stdout)
    if version is None or int(version[1]) < MIN_NODE_MAJOR:
        raise CannotStart(
            f"Node.js {MIN_NODE_MAJOR} or later is needed and 'node' is "
            f"{completed.stdout.strip() or 'not it'}; install a newer one."
        )
    return node


def check_disk(directory: Path) -> None:
    """`directory` need not exist yet."""
    existing = next(folder for folder in (directory, *directory.parents) if folder.is_dir())
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < MIN_FREE_BYTES:
        raise CannotStart(
            f"Only {free_bytes // 1_000_000} MB are free here and the demonstration needs "
            f"{MIN_FREE_BYTES // 1_000_000} MB; make some room."
        )


def read_ports(environment: Mapping[str, str], defaults: Mapping[str, int]) -> dict[str, int]:
    """Each setting's port: what the environment says, or the default."""
    ports: dict[str, int] = {}
    for setting, default in defaults.items():
        value = environment.get(setting) or str(default)
        if not value.isdecimal() or not 0 < int(value) <= MAX_PORT:
            raise CannotStart(f"{setting}={value} is not a port; give a number from 1 to {MAX_PORT}.")
        if int(value) in ports.values():
            raise CannotStart(f"{setting}={value} is the port of something else here; give another number.")
        ports[setting] = int(value)
    return ports


def check_ports(ports: Mapping[str, int], host: str) -> None:
    """`ports` maps the setting that chooses a port to its number."""
    deadline_s = time.monotonic() + PORT_GRACE_S
    for setting, port in ports.items():
        while not _is_free(host, port):
            if time.monotonic() > deadline_s:
                raise CannotStart(
                    f"Port {port} is already taken; end what uses it, "
                    f"or choose another with {setting}=<port>."
                )
            time.sleep(PORT_POLL_S)


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise CannotStart(
                f"Port {port} may not be used by this account; choose one above 1023."
            ) from None
        except OSError:
            return False
    return True
