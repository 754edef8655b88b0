"""Refusals that any subject may meet: chain or database is away, the service is busy, its clock is wrong."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal

CLOCK_RETRY_AFTER_S = 10
BUSY_RETRY_AFTER_S = 1


class ChainUnavailable(Refusal):
    """The node does not answer in time, answers nonsense, or is another chain. `reason` is for logs."""

    code = "chain.unavailable"
    status = 503
    french = "Le registre ne répond pas pour l’instant. Rien n’est perdu ; cela reprendra tout seul."
    english = "The ledger does not answer at the moment. Nothing is lost; it will resume by itself."

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"


class DatabaseUnavailable(Refusal):
    """Whether the request counted is not known when the database went away while it was written."""

    code = "database.unavailable"
    status = 503
    french = (
        "Le service ne peut pas répondre pour l’instant. Réessayez : une même demande ne compte qu’une fois."
    )
    english = "The service cannot answer at the moment. Try again: the same request counts only once."


class ServiceBusy(Refusal):
    """Also the answer when the outcome is not known yet: the same request with the same reference is safe."""

    code = "service.busy"
    status = 503
    french = (
        "Le service est très sollicité. Réessayez dans {retry_after_s} s : "
        "un même paiement ne part jamais deux fois."
    )
    english = "The service is very busy. Try again in {retry_after_s} s: the same payment never leaves twice."

    def __init__(self, retry_after_s: int = BUSY_RETRY_AFTER_S) -> None:
        super().__init__(retry_after_s=retry_after_s)


class ClockWrong(Refusal):
    """The service's clock differs from the chain's or the database's (`platform.clocks`)."""

    code = "service.clock_wrong"
    status = 503
    french = (
        "Rien n’a été débité. L’heure du service n’est pas sûre pour l’instant ; "
        "réessayez dans {retry_after_s} s."
    )
    english = (
        "Nothing was taken. The service's clock cannot be trusted at the moment; "
        "try again in {retry_after_s} s."
    )

    def __init__(self) -> None:
        super().__init__(retry_after_s=CLOCK_RETRY_AFTER_S)
