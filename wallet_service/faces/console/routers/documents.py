"""Documents of identities and lost phones (right *identity*) and of disputes (right *compliance*).

Each reading is journaled by the service.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from wallet_service.faces.shell.security import OfficerSession, ServicesOf, officer_with
from wallet_service.identity.documents import CleanDocument, pages_of
from wallet_service.identity.errors import DocumentUnknown

router = APIRouter(include_in_schema=False)
#: More than any document that is kept has.
MAX_PAGE_NUMBER = 100
Page = Annotated[int | None, Query(ge=1, le=MAX_PAGE_NUMBER)]

#: A document is foreign content: nothing in it may run or load, whatever a browser thinks of it.
DOCUMENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@router.get("/identities/{file_id}/documents/{document_id}")
def document(
    file_id: str,
    document_id: str,
    officer: Annotated[OfficerSession, Depends(officer_with("identity"))],
    services: ServicesOf,
    page: Page = None,
) -> Response:
    """A picture is shown, and a page of a PDF; the PDF itself is only offered as a download."""
    return _shown(services.identity.open_document(file_id, document_id, officer.officer_id), page)


@router.get("/recoveries/{recovery_id}/documents/{document_id}")
def recovery_document(
    recovery_id: str,
    document_id: str,
    officer: Annotated[OfficerSession, Depends(officer_with("identity"))],
    services: ServicesOf,
    page: Page = None,
) -> Response:
    """The same of what a phone without an account has shown."""
    found = services.recoveries.papers.open_document(recovery_id, document_id, officer.officer_id)
    return _shown(found, page)


@router.get("/disputes/{dispute_id}/documents/{document_id}")
def dispute_document(
    dispute_id: str,
    document_id: str,
    officer: Annotated[OfficerSession, Depends(officer_with("compliance"))],
    services: ServicesOf,
    page: Page = None,
) -> Response:
    """The same of what a side of a dispute has shown."""
    found = services.disputes.papers.open_document(dispute_id, document_id, officer.officer_id)
    return _shown(found, page)


def _shown(found: CleanDocument, page: int | None) -> Response:
    """`page` counts from 1. Raises DocumentUnknown for one that is not there."""
    if page is not None:
        pages = pages_of(found)
        if page > len(pages):
            raise DocumentUnknown
        found = pages[page - 1]
    is_picture = found.media_type.startswith("image/")
    headers = {
        "Content-Security-Policy": DOCUMENT_POLICY,
        "Content-Disposition": "inline" if is_picture else 'attachment; filename="document.pdf"',
    }
    return Response(found.content, media_type=found.media_type, headers=headers)
