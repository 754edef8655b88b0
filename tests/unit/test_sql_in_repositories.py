"""SQL stands in a subject's repositories; where it does not yet, the file is named here."""

from __future__ import annotations

import ast

from scripts.analysis.source_tree import parsed
from tests.unit.test_architecture import NO_SUBJECT, SERVICE, WRITES, python_files

#: Subjects and files in which SQL still stands beside repositories. None is added.
SQL_BESIDE = {
    "accounts/stops",
    "accounts/wholeness",
    "history/service",
    "history/statements",
    "identity/service",
    "members/devices",
    "members/directory",
    "payments/mending",
    "payments/projections",
    "platform/journal",
    "platform/push",
    "platform/quarantine",
    "redemptions/unclaimed",
    "reports/members",
    "reserve/service",
    "sales/till_views",
    "security/challenges",
    "security/device_sign_in",
    "security/officers",
    "security/passkeys",
    "security/sealing",
    "security/sessions",
    "tills/service",
}


def makes_sql(source: str) -> bool:
    return any(
        alias.name in WRITES | {"select"}
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    )


def test_sql_stands_in_repositories() -> None:
    beside = {
        path.relative_to(SERVICE).with_suffix("").as_posix()
        for folder in SERVICE.iterdir()
        if folder.is_dir() and folder.name not in NO_SUBJECT
        for path in python_files(folder)
        if not path.stem.endswith("repository") and makes_sql(path.read_text("utf-8"))
    }
    assert beside == SQL_BESIDE


def test_sql_beside_a_repository_would_be_seen() -> None:
    assert makes_sql("from sqlalchemy import Engine, select")
    assert makes_sql("from sqlalchemy.dialects.sqlite import insert")
    assert not makes_sql("from sqlalchemy import Engine")
