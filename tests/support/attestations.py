"""What tests look up of attestations: the service itself never asks."""

from __future__ import annotations

from sqlalchemy import Engine, select

from wallet_service.database.tables.bank import attestations


def last_attested_cents(engine: Engine) -> int | None:
    """The newest balance a final block holds; None before the first."""
    query = (
        select(attestations.c.amount_cents)
        .where(attestations.c.attested_at_unix_s.is_not(None))
        .order_by(attestations.c.as_of_unix_s.desc())
        .limit(1)
    )
    with engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none()
