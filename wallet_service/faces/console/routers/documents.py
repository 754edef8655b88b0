"""Identity documents for officers with the right *identity*. Each reading is journaled by the service."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with

router = APIRouter(include_in_schema=False)

#: A document is foreign content: nothing in it may run or load, whatever a browser thinks of it.
DOCUMENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@router.get("/identities/{file_id}/documents/{document_id}")
def document(
    file_id: str,
    document_id: str,
    officer: Annotated[OfficerSession, Depends(officer_with("identity"))],
    services: ServicesOf,
) -> Response:
    """A picture is shown, a PDF is only offered as a download."""
    found = services.identity.open_document(file_id, document_id, officer.officer_id)
    is_picture = found.media_type.startswith("image/")
    headers = {
        "Content-Security-Policy": DOCUMENT_POLICY,
        "Content-Disposition": "inline" if is_picture else 'attachment; filename="document.pdf"',
    }
    return Response(found.content, media_type=found.media_type, headers=headers)
