"""A program that cannot hold its connections does not start."""

from __future__ import annotations

import resource

import pytest

from wallet_service.listening.open_files import TooFewOpenFiles, need_open_files

NEEDED = 8_192


class Limits:
    """The system's limit, as far as the code asks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> None:
        self.now = (soft, hard)
        monkeypatch.setattr(resource, "getrlimit", lambda what: self.now)
        monkeypatch.setattr(resource, "setrlimit", self._set)

    def _set(self, what: int, limits: tuple[int, int]) -> None:
        assert what == resource.RLIMIT_NOFILE
        self.now = limits


@pytest.mark.parametrize(
    ("soft", "hard", "after"),
    [
        (1_024, 4_096 * 4, NEEDED),
        (1_024, resource.RLIM_INFINITY, NEEDED),
        (20_000, 20_000, 20_000),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, resource.RLIM_INFINITY),
    ],
)
def test_the_limit_is_raised_where_the_system_lets(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, after: int
) -> None:
    limits = Limits(monkeypatch, soft, hard)
    need_open_files(NEEDED)
    assert limits.now == (after, hard)


def test_where_it_does_not_the_start_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(monkeypatch, 1_024, 4_096)
    with pytest.raises(TooFewOpenFiles, match=r"may hold 4096 files .* needs 8192: raise the limit"):
        need_open_files(NEEDED)
    assert limits.now == (1_024, 4_096)
