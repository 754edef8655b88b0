"""`python -m merchant_pos`: starts the point of sale on its own port. Settings come from ALBA_POS_
variables.
"""

from __future__ import annotations

import logging
import sys

import structlog
import uvicorn
from pydantic import ValidationError

from merchant_pos.app import create_app
from merchant_pos.settings import PosSettings

SHUTDOWN_S = 2  # open event streams must not hold a Ctrl-C back


def _configure_logs() -> None:
    """One JSON object a line on standard error. uvicorn's own access log would print URLs: it stays off."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


def main() -> int:
    _configure_logs()
    try:
        settings = PosSettings()
        app = create_app(settings)
    except ValidationError as error:
        names = ", ".join("ALBA_POS_" + "_".join(map(str, item["loc"])).upper() for item in error.errors())
        print(f"merchant_pos: these settings are not valid: {names}", file=sys.stderr)
        return 2
    except (OSError, RuntimeError, ValueError) as error:
        print(f"merchant_pos: {error}", file=sys.stderr)
        return 2
    uvicorn.run(
        app, host=settings.host, port=settings.port, log_level="warning", access_log=False, log_config=None,
        timeout_graceful_shutdown=SHUTDOWN_S, server_header=False,
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
