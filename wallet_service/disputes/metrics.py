"""What operators watch of contested payments, in Prometheus form."""

from __future__ import annotations

from prometheus_client import Gauge

undecided = Gauge("alba_disputes_undecided", "Contested payments that no officer has decided yet")
late = Gauge("alba_disputes_late", "Of these, those that should have been decided by now")
