"""Plant each bug of tests/contracts/mutants into a copy of the tree and see the tests catch it.

Run by `make mutants`. Owns the copy and the verdict. A patch begins with two lines of its own:

    about: what the bug would mean
    tests: tests/contracts/test_x.py::test_y ...    (those that must catch it)

First all those tests must pass on the unchanged copy. A patch that does not apply, a copy that does not
compile and a bug that no test sees are all failures. Names of patches as arguments run only those.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATCHES = ROOT / "tests" / "contracts" / "mutants"
# What the copy shares with the tree: installed things; a test run writes only throw-away homes there.
SHARED = (".venv-contracts", ".tools", "node_modules")
COPIED = ("contracts", "scripts", "tests", "brownie-config.yaml", "package.json", "package-lock.json")
COPIED_TOO = ("wallet_service", "deployments")
# What was compiled already; Brownie compiles anew when the sources are others than those of the digest.
COMPILED = ("contracts", "interfaces", "contracts.sha256")
MIN_MUTANTS = 10
RUN_DEADLINE_S = 3_600
TESTS_FAILED = 1
IMPORT = re.compile(r'^(?:import|\})[^"]*"(\.[^"]+)"', flags=re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """One planted bug."""

    name: str
    patch: Path
    about: str
    tests: tuple[str, ...]


class Fault(Exception):
    """The run proves nothing; the message says why."""


def main() -> None:
    """Run all mutants, or those named; print a table; exit with 1 unless every one was caught."""
    known = read_mutants()
    if len(known) < MIN_MUTANTS:
        raise Fault(f"only {len(known)} planted bugs, {MIN_MUTANTS} are the least")
    chosen = [mutant for mutant in known if not sys.argv[1:] or mutant.name in sys.argv[1:]]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder) / "tree"
        copy_tree(tree)
        for mutant in chosen:
            apply(mutant, tree, check_only=True)
        check_baseline(tree, chosen)
        escaped = [mutant.name for mutant in chosen if not caught(mutant, tree)]
    print(f"\n{len(chosen) - len(escaped)} of {len(chosen)} planted bugs caught")
    if escaped:
        sys.exit(f"not caught: {', '.join(escaped)}")


def read_mutants() -> list[Mutant]:
    """Every patch with its two lines. Raises Fault when one has none."""
    return [_read(path) for path in sorted(PATCHES.glob("*.patch"))]


def _read(path: Path) -> Mutant:
    head = dict(re.findall(r"^(about|tests): (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE))
    if set(head) != {"about", "tests"}:
        raise Fault(f"{path.name} must begin with an about: and a tests: line")
    return Mutant(path.stem, path, head["about"], tuple(shlex.split(head["tests"])))


def copy_tree(tree: Path) -> None:
    """A copy outside the repository, with the installed things linked."""
    tree.mkdir()
    compiled = [name for name in (f"build/{part}" for part in COMPILED) if (ROOT / name).exists()]
    for name in (*COPIED, *COPIED_TOO, *compiled):
        source, copy = ROOT / name, tree / name
        copy.parent.mkdir(exist_ok=True)
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "dist", "node_modules")
            shutil.copytree(source, copy, ignore=ignored)
        else:
            shutil.copy2(source, copy)
    for name in SHARED:
        (tree / name).symlink_to(ROOT / name)


def apply(mutant: Mutant, tree: Path, *, check_only: bool = False, reverse: bool = False) -> None:
    """Apply the patch exactly, or take it back. Raises Fault when it does not apply."""
    command = ["git", "apply", "--whitespace=nowarn"]
    command += ["--check"] * check_only + ["--reverse"] * reverse + [str(mutant.patch)]
    # The copy is in no repository, so that git reads the paths from here.
    surroundings = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    done = subprocess.run(command, cwd=tree, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Fault(f"{mutant.patch.name} no longer applies; write it anew:\n{done.stderr}")


def check_baseline(tree: Path, mutants: list[Mutant]) -> None:
    """Without a bug every test passes, or a failure would prove nothing."""
    started = time.monotonic()
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    code, output = run_tests(tree, tuple(tests))
    if code != 0:
        raise Fault(f"the tests fail without any bug:\n{output[-3000:]}")
    shutil.copytree(tree / "build", tree / "build-without-bug")
    print(f"without a bug all {len(tests)} tests pass ({time.monotonic() - started:.0f} s)\n", flush=True)


def dependents(tree: Path, changed: set[str]) -> set[str]:
    """The sources that import one of these, directly or not, and these themselves."""
    imports = {
        path: {(path.parent / name).resolve() for name in IMPORT.findall(path.read_text(encoding="utf-8"))}
        for path in (tree / "contracts").resolve().rglob("*.sol")
    }
    found = {(tree / name).resolve() for name in changed}
    while more := {path for path, imported in imports.items() if imported & found} - found:
        found |= more
    return {str(path.relative_to(tree.resolve())) for path in found}


def forget_compiled(mutant: Mutant, tree: Path) -> None:
    """Let Brownie compile anew exactly what the bug is part of: all of it would take most of the time."""
    changed = set(
        re.findall(r"^\+\+\+ b/(\S+)", mutant.patch.read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    stale = dependents(tree, changed)
    for artifact in (tree / "build" / "contracts").glob("*.json"):
        if json.loads(artifact.read_text(encoding="utf-8")).get("sourcePath") in stale:
            artifact.unlink()
    module = importlib.util.spec_from_file_location("brownie_run", tree / "scripts/setup/brownie_run.py")
    assert module is not None
    assert module.loader is not None
    brownie_run = importlib.util.module_from_spec(module)
    module.loader.exec_module(brownie_run)
    (tree / "build" / "contracts.sha256").write_text(brownie_run.sources_digest(), encoding="ascii")


def caught(mutant: Mutant, tree: Path) -> bool:
    """Plant, test, take back; prints one line. Raises Fault when the tests could not run."""
    started = time.monotonic()
    shutil.rmtree(tree / "build")
    shutil.copytree(tree / "build-without-bug", tree / "build")
    apply(mutant, tree)
    try:
        forget_compiled(mutant, tree)
        code, output = run_tests(tree, mutant.tests)
    finally:
        apply(mutant, tree, reverse=True)
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", output, flags=re.MULTILINE)
    took_s = time.monotonic() - started
    if code == 0:
        print(f"NOT CAUGHT  {mutant.name}: {mutant.about}", flush=True)
        return False
    if code != TESTS_FAILED or not failed:
        raise Fault(f"{mutant.name}: the tests could not run:\n{output[-3000:]}")
    print(f"caught in {took_s:4.0f} s  {mutant.name}: {mutant.about}\n{'':16}by {failed[0]}", flush=True)
    return True


def run_tests(tree: Path, tests: tuple[str, ...]) -> tuple[int, str]:
    """Compile the copy and run the tests up to the first failure: exit status and output."""
    brownie = tree / "scripts" / "setup" / "brownie.sh"
    done = subprocess.run(
        ["nice", "-n", "10", brownie, "test", *tests, "-x", "-q", "--tb=line"],
        cwd=tree,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=RUN_DEADLINE_S,
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    try:
        main()
    except Fault as fault:
        sys.exit(f"mutants: {fault}")
