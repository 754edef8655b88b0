"""Runs both origins in one process: two listening sockets, one event loop, one orderly end. Owns no route."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI

from wallet_service.bootstrap import Services
from wallet_service.faces.apps import console_app, wallet_app
from wallet_service.listening.collector import keep_what_stands
from wallet_service.listening.connections import ConnectionBounds, server_config
from wallet_service.platform.settings import Settings

GRACEFUL_SHUTDOWN_S = 5
LISTEN_BACKLOG = 2048
#: Besides the streams of members and tills: pages, the public's streams, and connections that do nothing.
OTHER_CONNECTIONS = 2_000
CONSOLE_BOUNDS = ConnectionBounds(connections=1_000)
#: Besides both origins full: files, database, node and processes.
OTHER_FILES = 1_192

log = structlog.get_logger(__name__)


def wallet_bounds(settings: Settings) -> ConnectionBounds:
    """Every place for a stream can be taken, and there is still room for requests."""
    return ConnectionBounds(connections=settings.member_streams + settings.till_streams + OTHER_CONNECTIONS)


def needed_files(settings: Settings) -> int:
    """What both origins hold open at most, and everything else."""
    return wallet_bounds(settings).connections + CONSOLE_BOUNDS.connections + OTHER_FILES


class PortTaken(Exception):
    """Somebody else listens there; the sentence says which setting to change."""


class _Server(uvicorn.Server):
    """Leaves signals to us: two servers must end together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run_servers(services: Services, worker_names: list[str] | None) -> None:
    """Serves until SIGINT or SIGTERM. Raises PortTaken before anything is started."""
    settings = services.settings
    wallet_socket = _listen(settings.host, settings.wallet_port, "ALBA_WALLET_PORT")
    console_socket = _listen(settings.host, settings.console_port, "ALBA_CONSOLE_PORT")
    servers = [
        (_server(wallet_app(services), wallet_bounds(settings)), wallet_socket),
        (_server(console_app(services), CONSOLE_BOUNDS), console_socket),
    ]
    services.start(worker_names, is_serving=True)
    keep_what_stands()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(services, servers))
    finally:
        services.stop()


async def _serve(services: Services, servers: list[tuple[_Server, socket.socket]]) -> None:
    loop = asyncio.get_running_loop()

    def end() -> None:
        log.info("service.ending")
        services.push.close_streams()  # an open stream would hold the shutdown up
        for server, _ in servers:
            server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    log.info(
        "service.ready", wallet=services.settings.wallet_origin, console=services.settings.console_origin
    )
    await asyncio.gather(*(server.serve(sockets=[listening]) for server, listening in servers))


def _server(app: FastAPI, bounds: ConnectionBounds) -> _Server:
    return _Server(server_config(app, bounds, log_config=None, timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S))


def _listen(host: str, port: int, setting: str) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"port {port} of {host} is taken: free it, or set {setting} to another one"
        ) from error
    listening.listen(LISTEN_BACKLOG)
    return listening
