"""The proxy's file agrees with the programs behind it: ports, HTTP/2, whose word on an address counts."""

from __future__ import annotations

import re
from pathlib import Path

from merchant_pos.settings import PosSettings
from wallet_service.identity.documents import MAX_DOCUMENT_BYTES
from wallet_service.platform.settings import Settings

CONF = (Path(__file__).parents[3] / "scripts" / "proxy" / "nginx.conf").read_text("utf-8")
SERVERS = re.findall(r"^server \{.*?^\}", CONF, re.DOTALL | re.MULTILINE)


def test_each_origin_is_served_by_http_2_and_led_to_its_own_port() -> None:
    ports = [re.findall(r"proxy_pass http://127\.0\.0\.1:(\d+)", server) for server in SERVERS]
    settings = Settings()
    assert ports == [[str(settings.wallet_port)], [str(PosSettings().port)], [str(settings.console_port)]]
    assert all("listen 443 ssl http2;" in server for server in SERVERS)


def test_a_clients_own_word_on_its_address_is_not_passed_on() -> None:
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in CONF
    assert "proxy_add_x_forwarded_for" not in CONF
    # A server with one of its own would inherit none of the headers above it.
    assert not any("proxy_set_header" in server for server in SERVERS)


def test_figures_stay_inside_and_a_document_passes() -> None:
    service = [server for server in SERVERS if "8402" not in server]
    assert len(service) == 2
    assert all("location = /metrics { return 404; }" in server for server in service)
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", CONF)
    assert int(megabytes) * 1_000_000 > MAX_DOCUMENT_BYTES
