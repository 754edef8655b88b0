"""Structured logs: one JSON object a line, with the correlation id of the request. Owns their shape.

No personal data: no bodies, no query strings, no names, no addresses of clients. An exception is logged by
its type and where it happened, not by its message, because database messages repeat the values they were
given.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog

MAX_FRAMES = 12


def configure_logs(level: int = logging.INFO) -> None:
    """Once, at start."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _exceptions_by_place,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _exceptions_by_place(logger: Any, method: str, event: Any) -> Any:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[0] is not None:
        event["failure"] = describe(info[0], info[2])
    return event


def describe(kind: type[BaseException], trace: TracebackType | None) -> dict[str, Any]:
    """The exception's type and the innermost frames, without its message."""
    frames = traceback.extract_tb(trace)[-MAX_FRAMES:]
    return {
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "frames": [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames],
    }
