"""What the build leaves: named by content, whole, and small enough for a phone."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from wallet_service.faces.shell.rendering import assets

ROOT = Path(__file__).resolve().parents[3]
#: The wallet's scripts on first load, gzipped, in either language.
MAX_FIRST_SCRIPT_BYTES = 60_000
#: The aim is three seconds; the machine of a test is often busy.
MAX_BUILD_S = 15
SERVICE_DIST = ROOT / "wallet_service/faces/dist"
TILL_DIST = ROOT / "merchant_pos/static/dist"


def statically_imported(script: Path) -> set[Path]:
    """The script and what it imports before it runs; dynamic imports come later, when asked for."""
    found, waiting = set(), [script]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        names = re.findall(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""", file.read_text("utf-8"))
        waiting += [file.parent / name for name in names]
    return found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_wallets_first_script_is_small_enough(language: str) -> None:
    files = statically_imported(SERVICE_DIST / assets.file_name("wallet.js"))
    if language != "fr":
        files.add(SERVICE_DIST / assets.file_name(f"wallet.words-first-{language}.js"))
    compressed_bytes = sum(len(gzip.compress(file.read_bytes())) for file in files)
    assert compressed_bytes <= MAX_FIRST_SCRIPT_BYTES


@pytest.mark.parametrize(
    "name", ["wallet.js", "wallet.css", "console.js", "console.css", "public.css", "plain.css"]
)
def test_files_are_named_by_their_content(name: str) -> None:
    assert re.search(r"\.[A-Z0-9]{8}\.(js|css)$", assets.file_name(name))
    assert (SERVICE_DIST / assets.file_name(name)).is_file()


@pytest.mark.parametrize(("dist", "worker"), [(SERVICE_DIST, "wallet"), (TILL_DIST, "till")])
def test_everything_a_service_worker_keeps_exists(dist: Path, worker: str) -> None:
    script = (dist / f"{worker}-service-worker.js").read_text("utf-8")
    kept = re.findall(r"/static/([\w.-]+)", script)
    assert any(name.endswith(".js") for name in kept)
    assert any(name.endswith(".woff2") for name in kept)
    for name in kept:
        assert (dist / name).is_file(), name


def test_the_worker_keeps_every_part_of_its_face() -> None:
    """Screens that are loaded on demand open without network too, in both languages."""
    kept = (SERVICE_DIST / "wallet-service-worker.js").read_text("utf-8")
    waiting, seen = {SERVICE_DIST / assets.file_name("wallet.js")}, set()
    while waiting:
        file = waiting.pop()
        seen.add(file)
        names = re.findall(r"""["']\./([\w.-]+\.js)["']""", file.read_text("utf-8"))
        waiting |= {file.parent / name for name in names} - seen
    assert len(seen) > 30
    assert [file.name for file in seen if f"/static/{file.name}" not in kept] == []


@pytest.mark.parametrize("dist", [SERVICE_DIST, TILL_DIST])
def test_what_is_built_is_packed_and_unpacks_to_itself(dist: Path) -> None:
    names = set(json.loads((dist / "manifest.json").read_text("utf-8")).values())
    packed = [dist / name for name in names if (dist / f"{name}.gz").is_file()]
    assert {".js", ".css"} <= {file.suffix for file in packed}
    for file in packed:
        assert gzip.decompress(file.with_name(f"{file.name}.gz").read_bytes()) == file.read_bytes()
        assert file.with_name(f"{file.name}.br").stat().st_size < file.stat().st_size


@pytest.mark.parametrize(
    ("dist", "face"), [(SERVICE_DIST, "wallet"), (SERVICE_DIST, "console"), (TILL_DIST, "till")]
)
def test_who_asks_the_system_for_dark_gets_what_one_who_chose_it_gets(dist: Path, face: str) -> None:
    names = json.loads((dist / "manifest.json").read_text("utf-8"))
    css = (dist / names[f"{face}.css"]).read_text("utf-8")
    chosen = re.search(r":root\[data-theme=dark\]\{([^}]*)\}", css)
    by_system = re.search(r"prefers-color-scheme: ?dark\)\{:root:not[^{]*\{([^}]*)\}", css)
    assert chosen is not None
    assert by_system is not None
    assert chosen[1] == by_system[1]
    assert "color-scheme:dark" in chosen[1]


def test_a_face_carries_the_translations_of_its_own_scripts_and_no_others() -> None:
    first = (SERVICE_DIST / assets.file_name("wallet.words-first-en.js")).read_text("utf-8")
    assert "Open a wallet" in first
    assert "Download the proof" not in first  # a screen that is loaded on demand, as its words are
    public = (SERVICE_DIST / assets.file_name("public.words-first-en.js")).read_text("utf-8")
    assert "Payments stopped" not in public  # the page's own words; the server writes them
    assert "No answer from the service" in public


def test_building_twice_gives_the_same_names_quickly() -> None:
    before = (SERVICE_DIST / "manifest.json").read_text("utf-8")
    started_s = time.monotonic()
    subprocess.run(
        ["node", "scripts/build/bundle.mjs"], cwd=ROOT, check=True, capture_output=True, timeout=60
    )
    assert time.monotonic() - started_s < MAX_BUILD_S
    assert (SERVICE_DIST / "manifest.json").read_text("utf-8") == before
