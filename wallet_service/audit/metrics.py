"""What operators watch of the auditor, in Prometheus form."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

findings = Gauge("alba_audit_findings", "Findings of the auditor that stand", ["code"])
passes = Counter("alba_audit_passes", "Times everything was looked at once", ["what"])
anchored_at_unix_s = Gauge(
    "alba_audit_journal_anchored_at_unix_s", "When the journal's head was last anchored"
)
