"""`python -m merchant_pos`: starts the point of sale on its own port.

Settings come from ALBA_POS_ variables.
"""

from __future__ import annotations

import logging
import os
import sys

import structlog
import uvicorn
from pydantic import ValidationError

from merchant_pos.app import create_app
from merchant_pos.settings import PosSettings
from wallet_service.listening.collector import keep_what_stands
from wallet_service.listening.connections import ConnectionBounds, server_config
from wallet_service.listening.open_files import need_open_files

SHUTDOWN_S = 2  # open event streams must not hold a Ctrl-C back
BOUNDS = ConnectionBounds(connections=2_000)
#: Full, and the streams and requests to the service besides.
NEEDED_FILES = 4_096
PRIVATE_UMASK = 0o077
CANNOT_LISTEN = 3  # as uvicorn has it


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
    os.umask(PRIVATE_UMASK)
    try:
        need_open_files(NEEDED_FILES)
        settings = PosSettings()
        app = create_app(settings)
    except ValidationError as error:
        names = ", ".join("ALBA_POS_" + "_".join(map(str, item["loc"])).upper() for item in error.errors())
        print(f"merchant_pos: these settings are not valid: {names}", file=sys.stderr)
        return 2
    except (OSError, RuntimeError, ValueError) as error:
        print(f"merchant_pos: {error}", file=sys.stderr)
        return 2
    config = server_config(
        app,
        BOUNDS,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        log_config=None,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    server = uvicorn.Server(config)
    keep_what_stands()
    server.run()
    return 0 if server.started else CANNOT_LISTEN


if __name__ == "__main__":
    sys.exit(main())
