"""What protects the page: headers, cookies, tokens, bounds, and logs that name nobody."""

from __future__ import annotations

import httpx
import pytest
from structlog.testing import capture_logs

from tests.integration.merchant_pos.conftest import RunningPos, Tablet
from tests.support.fake_service import FakeService


@pytest.mark.parametrize("path", ["/", "/api/state", "/health", "/nothing", "/icon.svg"])
def test_every_answer_carries_the_security_headers(pos: RunningPos, path: str) -> None:
    headers = Tablet(pos.url).http.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]


def test_the_page_has_no_inline_script_or_style_and_no_foreign_origin(pos: RunningPos) -> None:
    page = Tablet(pos.url).http.get("/").text
    assert "<script>" not in page
    assert "style=" not in page
    assert "<style" not in page
    assert "://" not in page


def test_money_answers_are_never_kept(tablet: Tablet) -> None:
    sale_id = tablet.sell().json()["id"]
    for path in ("/api/state", f"/api/sales/{sale_id}"):
        assert tablet.http.get(path).headers["cache-control"] == "no-store"


def test_the_session_cookie_is_for_this_site_and_no_script(pos: RunningPos) -> None:
    cookie = Tablet(pos.url).http.get("/api/state", headers={"Cookie": ""}).headers.get("set-cookie", "")
    assert cookie.startswith("alba_till=")
    for word in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert word in cookie


def test_over_https_the_cookie_has_the_hosts_prefix_and_answers_hsts(pos: RunningPos) -> None:
    assert "strict-transport-security" not in Tablet(pos.url).http.get("/").headers
    pos.settings.origin = "https://caisse.example"
    pos.restart()
    with httpx.Client(base_url=f"http://127.0.0.1:{pos.settings.port}") as http:
        for path in ("/", "/api/state", "/nothing"):
            assert "max-age=" in http.get(path).headers["strict-transport-security"]
        cookie = http.get("/api/state").headers["set-cookie"]
        assert cookie.startswith("__Host-alba_till=")
        assert "Secure" in cookie
        session = cookie.split("=")[1].split(";")[0]
        tokens = [
            http.get("/api/state", headers={"Cookie": f"{name}={session}"}).json()["csrf_token"]
            for name in ("__Host-alba_till", "__Host-alba_till", "alba_till")
        ]
        assert tokens[0] == tokens[1] != tokens[2]  # another host of the domain could set the last one


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8402", ""]
)
def test_a_request_for_another_host_is_refused(pos: RunningPos, host: str) -> None:
    answer = Tablet(pos.url).http.get("/api/state", headers={"Host": host})
    assert answer.status_code == 400
    assert host == "" or answer.json()["code"] == "pos.host_unknown"
    assert "csrf_token" not in answer.text


@pytest.mark.parametrize("host", ["localhost:1", "LOCALHOST", "127.0.0.1:8402", "[::1]:8402"])
def test_this_machines_own_names_are_served(pos: RunningPos, host: str) -> None:
    assert Tablet(pos.url).http.get("/health", headers={"Host": host}).status_code == 200


def test_another_method_is_told_which_ones_there_are(pos: RunningPos) -> None:
    answer = Tablet(pos.url).http.put("/api/sales")
    assert (answer.status_code, answer.json()["code"]) == (405, "pos.method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_a_tablet_that_is_let_go_keeps_nothing_in_its_cache(tablet: Tablet) -> None:
    assert tablet.post("/api/unpair").headers["clear-site-data"] == '"cache"'


def test_the_session_begins_anew_whenever_the_page_starts(tablet: Tablet) -> None:
    session = tablet.http.cookies["alba_till"]
    cookie = tablet.http.get("/api/state").headers["set-cookie"]
    assert cookie.startswith(f"alba_till={session};")
    assert f"Max-Age={90 * 24 * 3600};" in cookie


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_without_this_sessions_token_nothing_is_changed(
    tablet: Tablet, service: FakeService, token: str
) -> None:
    body = {"client_reference": "0x" + "a1" * 32, "amount_cents": 1250}
    headers = {"X-CSRF-Token": token.encode("latin-1")}
    for path in ("/api/sales", "/api/unpair", "/api/pair"):
        response = tablet.http.post(path, json=body, headers=headers)  # type: ignore[arg-type]
        assert (response.status_code, response.json()["code"]) == (403, "pos.page_out_of_date"), path
    assert service.sales == {}
    assert tablet.state()["paired"] is True


def test_another_tablets_token_does_not_fit(pos: RunningPos, tablet: Tablet) -> None:
    tablet.csrf = Tablet(pos.url).csrf
    assert tablet.sell().status_code == 403


def test_a_body_beyond_the_bound_is_refused(tablet: Tablet, service: FakeService) -> None:
    response = tablet.post("/api/sales", {"client_reference": "x" * 100_000, "amount_cents": 1})
    assert response.status_code == 422
    assert service.sales == {}


def test_an_unknown_page_is_a_problem_in_words(pos: RunningPos) -> None:
    response = Tablet(pos.url, "en").http.get("/nothing")
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"]) == (404, "pos.not_found")


def test_the_page_speaks_the_browsers_language_unless_one_was_chosen(pos: RunningPos) -> None:
    english = Tablet(pos.url, "de, en-GB;q=0.8")
    assert '<html lang="en" dir="ltr">' in english.http.get("/").text
    assert '<html lang="fr" dir="ltr">' in Tablet(pos.url, "de").http.get("/").text
    english.http.cookies.set("alba_language", "fr")
    english.http.cookies.set("alba_theme", "dark")
    assert '<html lang="fr" dir="ltr" data-theme="dark">' in english.http.get("/").text


def test_it_installs_and_starts_without_network(pos: RunningPos) -> None:
    http = Tablet(pos.url).http
    manifest = http.get("/manifest.webmanifest")
    assert manifest.json()["display"] == "standalone"
    for icon in manifest.json()["icons"]:
        assert http.get(icon["src"]).headers["content-type"] == icon["type"]
    worker = http.get("/service-worker.js")
    assert "javascript" in worker.headers["content-type"]
    assert "/api/" not in worker.text
    page = http.get("/").text
    script = page.split('src="')[1].split('"')[0]
    assert script in worker.text
    assert "immutable" in http.get(script).headers["cache-control"]


def test_health_says_alive_and_whether_the_service_answers(pos: RunningPos, tablet: Tablet) -> None:
    answer = tablet.http.get("/health").json()
    assert answer == {"status": "ok", "service_reachable": True, "paired_tills": 1}


def test_logs_name_nobody_and_no_amount(tablet: Tablet, service: FakeService) -> None:
    with capture_logs() as lines:
        sale_id = tablet.sell(1250).json()["id"]
        service.accept(sale_id)
        service.pay(sale_id)
        tablet.sale(sale_id)
        tablet.state()
    text = str(lines)
    assert "/api/sales/{sale_id}" in text
    for secret in ("Camille", "Fournil", "Caisse", sale_id, "1250", tablet.http.cookies["alba_till"]):
        assert secret not in text
