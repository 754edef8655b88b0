"""A professional's own card in the directory: read, written, with a picture."""

from __future__ import annotations

from fastapi import APIRouter, Depends, UploadFile

from wallet_service.directory import errors
from wallet_service.directory.pictures import MAX_UPLOAD_BYTES
from wallet_service.directory.schemas import CardBody, OwnListingAnswer, own_listing_answer
from wallet_service.faces.shell.rate_limits import (
    DOCUMENT_UPLOAD,
    DOCUMENT_UPLOAD_OF_MEMBER,
    WRITING_OF_MEMBER,
    limited,
    member_limited,
)
from wallet_service.faces.shell.security import CurrentMember, ServicesOf
from wallet_service.identity.errors import DocumentTooHeavy, DocumentTooLarge, DocumentTooManyPixels
from wallet_service.platform.sandbox.errors import WorkBusy, WorkOneAtATime
from wallet_service.protocol.refusal_responses import refuses

router = APIRouter(tags=["directory"])


@router.get("/v1/me/listing", responses=refuses(errors.NotInTheDirectory))
def own_listing(member: CurrentMember, services: ServicesOf) -> OwnListingAnswer:
    """The card as everybody sees it, and whether they do."""
    return own_listing_answer(services.listings.own(member.member_id))


@router.post(
    "/v1/me/listing",
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=refuses(errors.NotInTheDirectory, errors.CardInvalid, errors.HoursInvalid, errors.SpotTooFar),
)
def write_listing(body: CardBody, member: CurrentMember, services: ServicesOf) -> OwnListingAnswer:
    """Saves the whole card; it is shown at once, and an officer looks at what changed."""
    written = services.listings.write(member.member_id, body.card(), is_shown=body.is_shown)
    return own_listing_answer(written)


@router.post(
    "/v1/me/listing/picture",
    status_code=201,
    dependencies=[Depends(limited(DOCUMENT_UPLOAD)), Depends(member_limited(DOCUMENT_UPLOAD_OF_MEMBER))],
    responses=refuses(
        errors.NotInTheDirectory,
        errors.PictureRefused,
        DocumentTooLarge,
        DocumentTooManyPixels,
        DocumentTooHeavy,
        WorkBusy,
        WorkOneAtATime,
    ),
)
def add_listing_picture(picture: UploadFile, member: CurrentMember, services: ServicesOf) -> OwnListingAnswer:
    """One picture (JPEG, PNG) of at most 8 MB; the name and type the sender gives are ignored.

    Kept is a drawing of its middle, without where and by what it was taken.
    """
    content = picture.file.read(MAX_UPLOAD_BYTES + 1)
    return own_listing_answer(services.listings.add_picture(member.member_id, content))


@router.delete(
    "/v1/me/listing/picture",
    dependencies=[Depends(member_limited(WRITING_OF_MEMBER))],
    responses=refuses(errors.NotInTheDirectory),
)
def remove_listing_picture(member: CurrentMember, services: ServicesOf) -> OwnListingAnswer:
    """The card without its picture."""
    return own_listing_answer(services.listings.remove_picture(member.member_id))
