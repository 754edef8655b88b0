"""Real Chromium for end-to-end tests: phones, tablets and desks, a camera that shows what we draw, passkeys.

Owns the browser's flags and the watch on its console: a page that logs an error or asks a foreign origin
fails the test that opened it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

CHROMIUM = "/usr/bin/chromium-headless-shell"
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 1180, "height": 820}
DESK = {"width": 1280, "height": 800}
WAIT_MS = 15_000
FRAME_SIZE = (640, 480)
FRAME_COUNT = 12
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)


class Camera:
    """The file every fake camera of this browser films."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "camera.mjpeg"
        self.show("")

    def show(self, text: str) -> None:
        """Put a QR code of `text` in front of the camera; a grey wall when empty."""
        picture = Image.new("RGB", FRAME_SIZE, "#777777")
        if text:
            drawn = io.BytesIO()
            segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=9, border=4)
            code = Image.open(drawn).convert("RGB")
            picture.paste(code, ((FRAME_SIZE[0] - code.width) // 2, (FRAME_SIZE[1] - code.height) // 2))
        frame = io.BytesIO()
        picture.save(frame, "JPEG", quality=92)
        self.file.write_bytes(frame.getvalue() * FRAME_COUNT)


def launch(playwright: Playwright, camera: Camera) -> Browser:
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera.file}"]
    return playwright.chromium.launch(executable_path=CHROMIUM, args=flags)


#: Chromium's offline switch leaves streams alive that are open already; a real cut ends them too.
STREAMS_CAN_BE_CUT = """
const opened = new Set();
globalThis.EventSource = class extends EventSource {
  constructor(...given) { super(...given); opened.add(this); }
};
globalThis.cutStreams = () => {
  for (const stream of opened) { stream.close(); stream.dispatchEvent(new Event("error")); }
  opened.clear();
};
"""


@dataclass
class Person:
    """One browser profile with one page, and what went wrong in it."""

    page: Page
    context: BrowserContext
    allowed_statuses: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    _authenticator: Any = None
    officer_code: str = ""  # what an officer came in with, and confirms acts with while there is no passkey

    def button(self, name: str, *, exact: bool = False) -> Any:
        return self.page.get_by_role("button", name=name, exact=exact)

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=WAIT_MS)

    def keep_for_offline(self) -> None:
        """Until the service worker has kept the page and answers for it. Loads the page again.

        Once it is active: a load that began before may come after it has taken over what was open, and then
        nobody answers for that page until the next one.
        """
        self.context.add_init_script(STREAMS_CAN_BE_CUT)
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.reload()
        self.page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=WAIT_MS)

    def cut(self) -> None:
        """No network any more, open streams included; `keep_for_offline` came before."""
        self.context.set_offline(True)
        self.page.evaluate("cutStreams()")

    def restore(self) -> None:
        self.context.set_offline(False)

    def give_passkeys(self, synced: Sequence[dict[str, Any]] = ()) -> None:
        """A virtual authenticator that verifies its user, with what another one holds already."""
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        added = session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        self._authenticator = (session, {"authenticatorId": added["authenticatorId"]})
        for credential in synced:
            session.send("WebAuthn.addCredential", {**self._authenticator[1], "credential": credential})

    def take_passkeys(self) -> None:
        """Whoever holds the device from now on is not the one its authenticator knows."""
        session, which = self._authenticator
        session.send("WebAuthn.setUserVerified", {**which, "isUserVerified": False})

    def return_passkeys(self) -> None:
        """The device is in its owner's hands again."""
        session, which = self._authenticator
        session.send("WebAuthn.setUserVerified", {**which, "isUserVerified": True})

    def passkeys(self) -> list[dict[str, Any]]:
        """What the authenticator holds, as a person's other devices would be given it."""
        session, which = self._authenticator
        return list(session.send("WebAuthn.getCredentials", which)["credentials"])


def person(browser: Browser, size: dict[str, int], origins: set[str], **options: Any) -> Person:
    """A new profile. Requests to anything but `origins`, page errors and logged errors become faults."""
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        locale=options.pop("locale", "fr-FR"),
        timezone_id=options.pop("timezone_id", "Europe/Paris"),
        **options,
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    made = Person(page, context)

    def on_request(request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and f"{address.scheme}://{address.netloc}" not in origins:
            made.faults.append(f"foreign origin asked: {request.url}")

    def on_console(message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            made.faults.append(f"console: {message.text}")

    def on_response(response: Any) -> None:
        if response.status >= 400 and response.status not in made.allowed_statuses:
            made.faults.append(f"{response.status} {response.request.method} {response.url}")

    page.on("request", on_request)
    page.on("console", on_console)
    page.on("response", on_response)
    page.on("pageerror", lambda error: made.faults.append(f"page error: {error}"))
    return made
