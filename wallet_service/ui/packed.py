"""Built files as browsers ask for them: the copy packed by the build that the request accepts. Pure.

Only files that are the same for everybody are packed: what holds a secret and repeats what a stranger sends
would let its length tell the secret (BREACH, CVE-2013-3587).
"""

from __future__ import annotations

from pathlib import Path

#: Best first; scripts/build makes these beside each file that gains by it.
ENDINGS = {"br": ".br", "gzip": ".gz"}
#: A coding with this weight is refused (RFC 9110, 12.4.2).
REFUSED = ("0", "0.0", "0.00", "0.000")


def accepted(accept_encoding: str) -> set[str]:
    """The codings that an Accept-Encoding header names and does not refuse."""
    found = set()
    for part in accept_encoding.lower().split(","):
        coding, _, parameters = part.partition(";")
        weight = parameters.strip().removeprefix("q=")
        if weight not in REFUSED:
            found.add(coding.strip())
    return found


def packed_file(path: Path, accept_encoding: str) -> tuple[Path, dict[str, str]]:
    """What to send for a built file and the headers that say so; the file itself when it must be."""
    codings = accepted(accept_encoding)
    for coding, ending in ENDINGS.items():
        packed = path.with_name(path.name + ending)
        if coding in codings and packed.is_file():
            return packed, {"Content-Encoding": coding, "Vary": "Accept-Encoding"}
    return path, {"Vary": "Accept-Encoding"}
