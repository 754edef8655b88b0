"""What a person keeps: files that are never kept on the way, who issues them, and QR codes drawn on them."""

from __future__ import annotations

import io
from typing import Any

import qrcode
from fastapi import Request
from fastapi.responses import Response
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathFillImage

from wallet_service.faces.shell.security import services_of
from wallet_service.history.printing import Issuing

#: EPC069-12 asks for error correction M; ISO/IEC 18004 for a border of four modules.
QR_BORDER_MODULES = 4


class FileResponse(Response):
    """Something a person keeps; never kept on the way."""

    def __init__(
        self, content: bytes | str, name: str, status_code: int = 200, disposition: str = "attachment"
    ) -> None:
        headers = {"Content-Disposition": f'{disposition}; filename="{name}"', "Cache-Control": "no-store"}
        super().__init__(content, status_code, headers)


class CsvFile(FileResponse):
    media_type = "text/csv"


class PdfFile(FileResponse):
    media_type = "application/pdf"


def issuing_of(request: Request) -> Issuing:
    """Who writes the papers, as the currency's file says."""
    currency: dict[str, Any] = request.app.state.currency
    settings = services_of(request).settings
    return Issuing(
        currency["name"],
        currency["unit_many"],
        currency["issuer"],
        settings.environment == "demo",
        settings.wallet_origin,
    )


def qr_picture(text: str) -> bytes:
    """The QR code of a text as SVG, black on white with its border."""
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, border=QR_BORDER_MODULES, image_factory=SvgPathFillImage
    )
    code.add_data(text)
    drawn = io.BytesIO()
    code.make_image().save(drawn)
    return drawn.getvalue()
