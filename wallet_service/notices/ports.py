"""By what notices leave: a browser's push service, a mail server."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from wallet_service.notices.models import Mail


class Sent(Enum):
    """What came of one try."""

    DONE = "done"
    LATER = "later"
    GONE = "gone"  # there is nobody at that address any more


class PushSender(Protocol):
    public_key: str  # what browsers subscribe with, base64url
    stand_in: str  # the origin of a demonstration's own push service; "" where browsers have theirs

    def send(self, endpoint: str) -> Sent:
        """Wakes the browser; says nothing to it. Never raises for what the other side does."""
        ...


class MailSender(Protocol):
    def send(self, mail: Mail) -> Sent:
        """Never raises for what the other side does."""
        ...
