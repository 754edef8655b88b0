"""Why work in a process of its own was not begun, or not finished. Nothing was kept in any of these cases."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class WorkBusy(Refusal):
    """All places are taken, or the process that does the work is being replaced."""

    code = "work.busy"
    status = 503
    french = "Rien n’a été fait : le service traite déjà d’autres fichiers. Réessayez dans {retry_after_s} s."
    english = (
        "Nothing was done: the service is already working on other files. Try again in {retry_after_s} s."
    )


class WorkOneAtATime(Refusal):
    """The same member's work before this one is not finished."""

    code = "work.one_at_a_time"
    status = 429
    french = (
        "Rien n’a été fait : votre demande précédente est encore en cours. Réessayez dans {retry_after_s} s."
    )
    english = (
        "Nothing was done: your request before this one is still running. Try again in {retry_after_s} s."
    )


class TaskFailed(Exception):
    """The function raised what it does not declare: a mistake of ours, answered like any other (500)."""
