"""Builds the engine and our two small programs with Go, from modules pinned in go.mod and go.sum.

Nothing is fetched but modules, from the module proxy alone; what was built is kept until a pinned version
or a source of ours changes. Must not start anything but the compiler.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.network.layout import BUILD, SOURCES, NetworkFailed

MODULE_PROXY = "https://proxy.golang.org"
BUILD_TIMEOUT_S = 7_200  # on two cores that others use as well
#: Where Go stands when it is not on the path.
USUAL_GO = Path("/usr/local/go/bin/go")
ENGINE_PACKAGE = "github.com/ava-labs/avalanchego/main"
#: The engine finds the chain's machine by this name of its file: the machine's identity.
MACHINE_ID = "srEXiWaHuhNyGwPUi444Tu47ZEDwxTWrbQiuD7FmgSAQ6X7Dy"
STAMP = "built.sha256"


@dataclass(frozen=True, slots=True)
class Engine:
    """The programs that were built."""

    node: Path
    plugins: Path
    founder: Path


def find_go() -> Path | None:
    """The Go tool, or None where there is none."""
    found = shutil.which("go")
    if found is not None:
        return Path(found)
    return USUAL_GO if USUAL_GO.exists() else None


def built(folder: Path = BUILD) -> Engine:
    return Engine(folder / "validator", folder / "plugins", folder / "founder")


def is_built(folder: Path = BUILD) -> bool:
    """Whether what stands there was made of the sources and versions of today."""
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii").strip() == sources_digest()


def sources_digest() -> str:
    """The hash of every Go source of ours and of the pinned versions."""
    digest = hashlib.sha256()
    for path in sorted([*SOURCES.rglob("*.go"), SOURCES / "go.mod", SOURCES / "go.sum"]):
        digest.update(f"{path.relative_to(SOURCES)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build(folder: Path = BUILD) -> Engine:
    """The engine, built when it is not yet. Raises NetworkFailed."""
    engine = built(folder)
    if is_built(folder):
        return engine
    go = find_go()
    if go is None:
        raise NetworkFailed("Go 1.25 or later is needed to build the engine and 'go' was not found")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    log = folder / "build.log"
    log.unlink(missing_ok=True)
    parts = {
        engine.founder: "./founder",
        engine.plugins / MACHINE_ID: "./plugin",
        engine.node: ENGINE_PACKAGE,
    }
    for program, package in parts.items():
        program.parent.mkdir(parents=True, exist_ok=True)
        _compile(go, program, package, log)
    (folder / STAMP).write_text(sources_digest() + "\n", encoding="ascii")
    return engine


def _compile(go: Path, program: Path, package: str, log: Path) -> None:
    """`-mod=readonly`: go.mod and go.sum are ours, a build never changes them."""
    flags = f"{os.environ.get('GOFLAGS', '')} -mod=readonly".strip()
    environment = {**os.environ, "GOPROXY": MODULE_PROXY, "GOFLAGS": flags, "GOTOOLCHAIN": "local"}
    command = [str(go), "build", "-trimpath", "-o", str(program), package]
    with log.open("ab") as output:
        try:
            ended = subprocess.run(
                command,
                cwd=SOURCES,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=BUILD_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NetworkFailed(f"building {package} took more than {BUILD_TIMEOUT_S} s: {log}") from None
    if ended.returncode != 0:
        raise NetworkFailed(f"building {package} failed: {_last_line(log)} (details in {log})")


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
