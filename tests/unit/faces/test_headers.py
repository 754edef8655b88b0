"""What browsers are told: nothing foreign, nothing inline, no camera but the wallet's."""

from __future__ import annotations

import pytest

from wallet_service.faces.shell.headers import CONTENT_SECURITY_POLICY, Face, security_headers


def test_the_policy_allows_no_inline_code_and_no_foreign_origin() -> None:
    assert CONTENT_SECURITY_POLICY["default-src"] == "'none'"
    for value in CONTENT_SECURITY_POLICY.values():
        for source in value.split():
            assert source in ("'none'", "'self'", "data:", "blob:")
    assert "data:" not in CONTENT_SECURITY_POLICY["script-src"]
    assert "blob:" not in CONTENT_SECURITY_POLICY["script-src"]


@pytest.mark.parametrize(("face", "camera"), [("wallet", "camera=(self)"), ("console", "camera=()")])
def test_only_the_wallet_may_use_the_camera(face: Face, camera: str) -> None:
    assert camera in security_headers(face, encrypted=False)["Permissions-Policy"]


def test_strict_transport_is_asked_only_where_there_is_encryption() -> None:
    assert "Strict-Transport-Security" not in security_headers("wallet", encrypted=False)
    assert "Strict-Transport-Security" in security_headers("wallet", encrypted=True)
