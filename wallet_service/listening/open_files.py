"""How many files and connections this program may hold open: raised at its start, or the start refused."""

from __future__ import annotations

import resource


class TooFewOpenFiles(RuntimeError):
    """The system allows fewer than are needed; the sentence says how many and what to change."""


def need_open_files(needed: int) -> None:
    """Lets this process and its children hold `needed` files open. Raises TooFewOpenFiles."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if _is_enough(soft, needed):
        return
    if not _is_enough(hard, needed):
        raise TooFewOpenFiles(
            f"this program may hold {hard} files and connections open and needs {needed}: raise the limit "
            "(`ulimit -Hn`, or LimitNOFILE= of its systemd unit)"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _is_enough(limit: int, needed: int) -> bool:
    return limit == resource.RLIM_INFINITY or limit >= needed
