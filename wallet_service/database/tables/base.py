"""What all tables share: the metadata with its naming rule, and a few column makers.

Times are integers (`_unix_ms`, or `_unix_s` where a chain or a standard counts seconds), money is BIGINT
cents, addresses are lower-case 0x hex of 42 characters, 32-byte values are lower-case 0x hex of 66
characters.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite numbers rows by itself only in an INTEGER primary key.
RowNumber = BigInteger().with_variant(Integer, "sqlite")

ID_LENGTH = 32
ADDRESS_LENGTH = 42
WORD_LENGTH = 66


def identifier(name: str = "id", **options: Any) -> Column[str]:
    """A random opaque id (26 characters of Crockford base32, see protocol.text.identifiers)."""
    return Column(name, String(ID_LENGTH), **options)


def address(name: str, **options: Any) -> Column[str]:
    return Column(name, String(ADDRESS_LENGTH), **options)


def word(name: str, *constraints: ForeignKey, **options: Any) -> Column[str]:
    """A 32-byte value as 0x hex."""
    return Column(name, String(WORD_LENGTH), *constraints, **options)


def cents(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, **options)


def moment(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, **options)


def state_check(column: str, states: tuple[str, ...]) -> CheckConstraint:
    """A state machine's states, said once more in SQL."""
    listed = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
