"""Draws docs/images/*.png from a running demonstration, in Chromium: `python -m scripts.docs.screenshots`.

Starts a demonstration of its own (state in --directory, free ports), goes through one payment and ends it.
With --told FILE it uses one that runs already: FILE is what that one printed. Needs `make setup`. Owns which
pages are shown and the pictures' size on disk.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scripts.docs.written import DOCS, ROOT

IMAGES = DOCS / "images"
CHROMIUM = "/usr/bin/chromium-headless-shell"
SIZES = {"phone": (390, 844), "tablet": (1180, 820), "desk": (1280, 800)}
MAX_IMAGE_BYTES = 150_000
COLOURS = 128
START_DEADLINE_S = 420
END_DEADLINE_S = 30
WAIT_MS = 20_000
SALE_DIGITS = "1250"
LAST_LINE = "Ctrl-C ends everything"
PORT_SETTINGS = ("ALBA_WALLET_PORT", "ALBA_TILL_PORT", "ALBA_CONSOLE_PORT", "ALBA_PUSH_PORT", "ALBA_RPC_PORT")
TOLD = {
    "wallet": r"Wallet +(\S+)",
    "till": r"Till +(\S+)",
    "pairing": r"with the code (\S+)",
    "resident": r"Wallet: open (\S+)",
    "officer": r"Console: (\S+)",
}


class Album:
    """Browser profiles and the pictures taken of them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def open(self, size: str, language: str = "fr-FR") -> Page:
        width, height = SIZES[size]
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, locale=language, timezone_id="Europe/Paris"
        )
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        return page

    def take(self, page: Page, name: str, scheme: str = "light") -> None:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        page.evaluate("document.fonts.ready")
        drawn = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        file = IMAGES / f"{name}.png"
        drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
        size_bytes = file.stat().st_size
        if size_bytes > MAX_IMAGE_BYTES:
            raise SystemExit(f"{file.name} has {size_bytes} bytes, more than {MAX_IMAGE_BYTES}")
        print(f"{file.relative_to(ROOT)} {size_bytes // 1000} kB", flush=True)


def draw(album: Album, addresses: dict[str, str]) -> None:
    """One payment, seen from every side, then the console and the public page."""
    phone, tablet, desk = album.open("phone"), album.open("tablet"), album.open("desk")
    phone.goto(addresses["resident"])
    phone.get_by_role("button", name="Lier ce téléphone").click()
    expect(phone.get_by_text("Disponible").first).to_be_visible()
    for waiting in ("en cours", "sera prêt dans un instant"):
        expect(phone.get_by_text(waiting, exact=False)).to_have_count(0, timeout=WAIT_MS)
    for scheme in ("light", "dark"):
        album.take(phone, f"wallet-{scheme}", scheme)

    tablet.goto(addresses["till"])
    tablet.get_by_label("Code d’association").fill(addresses["pairing"])
    tablet.get_by_role("button", name="Associer cette tablette").click()
    expect(tablet.get_by_role("button", name="Encaisser")).to_be_visible()
    tablet.keyboard.type(SALE_DIGITS)
    tablet.get_by_role("button", name="Encaisser").click()
    expect(tablet.get_by_text("Le client scanne le QR")).to_be_visible()
    album.take(tablet, "till-sale")
    digits = re.search(r"\b(\d{3})\s(\d{3})\b", tablet.inner_text("main"))
    if digits is None:
        raise SystemExit("the till shows no short code")

    phone.goto(f"{addresses['wallet']}/code/{digits[1]}{digits[2]}")
    expect(phone.get_by_role("button", name="Payer")).to_be_visible()
    album.take(phone, "wallet-pay")
    phone.get_by_role("button", name="Payer").click()
    expect(phone.get_by_role("heading", name="Payé")).to_be_visible()
    album.take(phone, "wallet-paid")
    expect(tablet.get_by_role("heading", name="Payé")).to_be_visible()
    album.take(tablet, "till-paid")

    desk.goto(addresses["officer"])
    desk.get_by_role("button", name="Entrer", exact=True).click()
    expect(desk.get_by_role("heading", name="Vue d’ensemble")).to_be_visible()
    for scheme in ("light", "dark"):
        album.take(desk, f"console-{scheme}", scheme)
    desk.goto(f"{addresses['wallet']}/public")
    expect(desk.get_by_role("heading", level=1)).to_be_visible()
    album.take(desk, "public")


def read_told(text: str) -> dict[str, str]:
    """Addresses and codes from what the demonstration prints when it is up."""
    found = {name: re.search(pattern, text) for name, pattern in TOLD.items()}
    if missing := [name for name, match in found.items() if match is None]:
        raise SystemExit(f"the demonstration did not tell: {', '.join(missing)}")
    return {name: match[1] for name, match in found.items() if match is not None}


@contextmanager
def demonstration(directory: Path) -> Iterator[dict[str, str]]:
    """One on free ports, ended with SIGTERM; what it told."""
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / "told.txt"
    ports = {setting: str(_free_port()) for setting in PORT_SETTINGS}
    with log.open("wb") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", "scripts.demo", "--directory", str(directory)],
            cwd=ROOT,
            env={**os.environ, **ports},
            stdout=output,
            stderr=output,
        )
    try:
        deadline_s = time.monotonic() + START_DEADLINE_S
        while LAST_LINE not in log.read_text(encoding="utf-8"):
            if started.poll() is not None or time.monotonic() > deadline_s:
                raise SystemExit(f"the demonstration did not start; it said, in {log}, why")
            time.sleep(0.5)
        yield read_told(log.read_text(encoding="utf-8"))
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(END_DEADLINE_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts.docs.screenshots", description=__doc__)
    parser.add_argument("--directory", type=Path, default=ROOT / "var" / "screenshots", help="its state")
    parser.add_argument("--told", type=Path, help="what a running demonstration printed")
    given = parser.parse_args(arguments)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            if given.told:
                draw(Album(browser), read_told(given.told.read_text(encoding="utf-8")))
            else:
                with demonstration(given.directory.resolve()) as told:
                    draw(Album(browser), told)
        finally:
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
