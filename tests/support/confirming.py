"""An officer's browser confirms an act with a passkey, as the console's page does."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.testclient import TestClient

from tests.support.authenticator import Authenticator


def ticket_for(
    client: TestClient, token: str, passkey: Authenticator, path: str, fields: Mapping[str, str]
) -> str:
    """Good for this act once."""
    headers = {"X-CSRF-Token": token}
    act = {"method": "POST", "path": path, "fields": list(fields.items())}
    options = client.post("/confirmations/options", json=act, headers=headers)
    assert options.status_code == 200, options.text
    answer = client.post(
        "/confirmations/verify", json={"credential": passkey.get(options.json())}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["confirmation"])
