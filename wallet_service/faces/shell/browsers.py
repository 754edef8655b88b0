"""Two words for a browser, so that people tell their own from somebody else's. Keeps nothing more of it."""

from __future__ import annotations

from fastapi import Request

#: What stands in a user agent, and the word for it: the first that is found. Nearly all claim to be Safari.
_FAMILIES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def browser_of(request: Request) -> str:
    """Family and system: "Firefox, Android". One of them, or an empty text, when the other is not known."""
    agent = request.headers.get("user-agent", "")
    found = (next((word for mark, word in known if mark in agent), "") for known in (_FAMILIES, _SYSTEMS))
    return ", ".join(word for word in found if word)
