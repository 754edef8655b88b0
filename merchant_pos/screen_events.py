"""What a point of sale pushes to its tablets' pages: the kinds, in one list for Python and JavaScript.

`screen_kinds.js` is written from it (`python -m scripts.docs.events`). Owns only the words.
"""

from __future__ import annotations

from enum import StrEnum


class ScreenEventKind(StrEnum):
    """The word on the wire between a point of sale and its pages."""

    #: Whether the service answers, what time it has, how old its last block is; at each check of the service.
    CONNECTION = "connection"
    #: A refund request of the till, as the service pushed it.
    REFUND = "refund"
    #: The service does not know this till any more: its refusal, in words for the person.
    REFUSED = "refused"
    #: A sale of the till: what the service pushed, or the whole of it where it had to be asked.
    SALE = "sale"
    #: The service's stream was opened or lost; when opened, the page reads everything again.
    STREAM = "stream"
