"""Opens packed files (EBICS delivers statements as zip), bounded whatever the archive says of itself.

Sizes are counted as bytes come out, never believed; what is over a bound refuses the archive whole.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from wallet_service.bank.errors import (
    ArchiveOverBounds,
    BankFileRefusal,
    FileEmpty,
    FileEncrypted,
    FileIsTable,
    FileTooLarge,
    FileUnreadable,
)
from wallet_service.protocol.text.lines import seen_of

#: A month of days, each with its notifications.
MAX_MEMBERS = 100
#: What all members may hold together, those of archives inside included.
MAX_UNPACKED_BYTES = 40_000_000
#: How many times smaller a member may be packed. Statements, which repeat themselves, reach about 60.
MAX_RATIO = 200
#: Under this size a member's ratio says nothing.
MIN_RATIO_BYTES = 100_000
#: An archive inside an archive is opened; one inside that is not.
MAX_DEPTH = 2
MAX_NAME_CHARACTERS = 100
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
#: A central directory's entry begins so: counted before the archive is opened at all.
_DIRECTORY_ENTRY = b"PK\x01\x02"
_ENCRYPTED_FLAG = 0x1
#: What an office document has among its members.
_OFFICE_MEMBERS = frozenset({"[Content_Types].xml", "mimetype"})
#: What a Mac adds to an archive beside what was packed.
_MAC_FOLDER = "__MACOSX/"


@dataclass(frozen=True)
class PackedFile:
    """One file of an archive: its bytes, or why they cannot be had."""

    name: str
    content: bytes
    refusal: BankFileRefusal | None = None


@dataclass
class Budget:
    """What may still come out of one file from the bank, over all depths."""

    bytes_left: int = MAX_UNPACKED_BYTES
    members_left: int = MAX_MEMBERS

    def spend(self, size_bytes: int) -> None:
        self.bytes_left -= size_bytes
        self.members_left -= 1
        if self.bytes_left < 0 or self.members_left < 0:
            raise ArchiveOverBounds()


def members(content: bytes, budget: Budget, max_member_bytes: int) -> Iterator[PackedFile]:
    """The files packed in it, one at a time.

    Raises ArchiveOverBounds (too many, too much, too small packed), FileIsTable for an office document,
    FileEmpty, FileUnreadable for a broken archive.
    """
    if content.count(_DIRECTORY_ENTRY) > MAX_MEMBERS:
        raise ArchiveOverBounds()
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError):
        raise FileUnreadable() from None
    with archive:
        found = [each for each in archive.infolist() if not _is_no_file(each)]
        if _OFFICE_MEMBERS & {each.filename for each in found}:
            raise FileIsTable()
        if not found:
            raise FileEmpty()
        for each in found:
            member = _member(archive, each, max_member_bytes)
            budget.spend(len(member.content))
            yield member


def _is_no_file(info: zipfile.ZipInfo) -> bool:
    return info.is_dir() or info.filename.startswith(_MAC_FOLDER)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_member_bytes: int) -> PackedFile:
    name = seen_of(info.filename)[-MAX_NAME_CHARACTERS:]
    if info.flag_bits & _ENCRYPTED_FLAG:
        return PackedFile(name, b"", FileEncrypted())
    if info.compress_type not in _METHODS:
        return PackedFile(name, b"", FileUnreadable())
    try:
        with archive.open(info) as file:
            content = file.read(max_member_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, RuntimeError):
        return PackedFile(name, b"", FileUnreadable())
    if len(content) > MIN_RATIO_BYTES and len(content) > MAX_RATIO * max(info.compress_size, 1):
        raise ArchiveOverBounds()
    if len(content) > max_member_bytes:
        return PackedFile(name, b"", FileTooLarge(limit_bytes=max_member_bytes))
    return PackedFile(name, content)
