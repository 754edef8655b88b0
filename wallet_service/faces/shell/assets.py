"""Built files: the manifest of content-hashed names and the icons.

Owns reading them; scripts/build makes them.
"""

from __future__ import annotations

import json
from pathlib import Path

DIST = Path(__file__).parents[1] / "dist"


class NotBuilt(RuntimeError):
    """The bundles are missing; the sentence says which command makes them."""


class Assets:
    """Looks at the manifest's modification time, so that a rebuild needs no restart."""

    def __init__(self, dist: Path = DIST) -> None:
        self.dist = dist
        self._read_at_ns = 0
        self._manifest: dict[str, str] = {}
        self._icons: dict[str, str] = {}

    def url(self, name: str) -> str:
        """``wallet.js`` -> ``/static/wallet.AB12CD34.js``."""
        return f"/static/{self.file_name(name)}"

    def file_name(self, name: str) -> str:
        self._refresh()
        try:
            return self._manifest[name]
        except KeyError as error:
            raise NotBuilt(f"no built file {name}: run `npm run build`") from error

    def has(self, name: str) -> bool:
        self._refresh()
        return name in self._manifest

    def icon_body(self, name: str) -> str:
        """What stands inside the icon's <svg>."""
        self._refresh()
        try:
            return self._icons[name]
        except KeyError as error:
            raise NotBuilt(f"no built icon {name}: run `npm run build`") from error

    def _refresh(self) -> None:
        path = self.dist / "manifest.json"
        try:
            changed_at_ns = path.stat().st_mtime_ns
        except FileNotFoundError as error:
            raise NotBuilt("the pages are not built: run `npm run build`") from error
        if changed_at_ns != self._read_at_ns:
            self._manifest = json.loads(path.read_text("utf-8"))
            self._icons = json.loads((self.dist / "icons.json").read_text("utf-8"))
            self._read_at_ns = changed_at_ns
