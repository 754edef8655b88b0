"""House rules no import linter sees: who writes a table, what a class name means, how much a file holds."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from scripts.analysis.source_tree import parsed
from tests.support.own_files import OWN_FILES

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "wallet_service"
PROGRAMS_AND_TESTS = ("contracts", "merchant_pos", "scripts", "tests", "wallet_service")
MAX_LINES = 400
#: What people write; and what stands beside it, made by a program or frozen with a release.
WRITTEN = {".py", ".js", ".mjs", ".sol"}
MADE = {"dist", "migrations", "__pycache__"}
MAX_FOLDER_FILES = 12
#: What may pass the dozen: the ground of all faces, a small file for each thing they ask of it, and a router
#: for each subject that members or officers meet, a module of tables for each subject that keeps some.
LARGER_FOLDERS = {"database/tables", "faces/console/routers", "faces/shell", "faces/wallet/routers"}
#: No subjects: shared layers, faces, and the chain, a layer of its own.
NO_SUBJECT = {"chain", "database", "faces", "languages", "listening", "protocol", "ui"}
#: The files of a subject. Whoever knows one subject finds their way in every other.
SUBJECT_FILES = {
    "models",  # what it is about, as frozen data; pure
    "states",  # what may follow what, and the checks on the way; pure
    "decisions",  # what is allowed and why not; pure
    "repository",  # its SQL, on a connection that is handed in
    "service",  # what is asked of it, each a unit of work
    "projections",  # what the chain's final events mean to it
    "events",  # what it tells open pages and tills
    "schemas",  # what HTTP sends and answers
    "ports",  # what it asks of others, who fit it
    "errors",  # its refusals
}
WRITES = {"insert", "update", "delete"}
CONNECTION_MAKERS = {"connect", "begin", "UnitOfWork", "reading", "make_engine"}
#: The database folder keeps its own two tables: leases and the guards of what is never deleted.
OWN_TABLES = {"leases", "open_guards"}


def python_files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def table_names() -> set[str]:
    """Every table's name in Python, from the modules that define them."""
    trees = (parsed(path.read_text("utf-8")) for path in (SERVICE / "database" / "tables").glob("*.py"))
    return {
        node.targets[0].id
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "Table"
    }


def written_tables(source: str) -> set[str]:
    """The tables a module inserts into, updates or deletes from, under the names they are imported by."""
    tree = parsed(source)
    imported = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and ".tables" in (node.module or "")
        for alias in node.names
    }
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        if name not in WRITES:
            continue
        about = [*node.args[:1], *([function.value] if isinstance(function, ast.Attribute) else [])]
        found |= {imported[one.id] for one in about if isinstance(one, ast.Name) and one.id in imported}
    return found


def writers() -> dict[str, set[str]]:
    """Table -> the packages that write it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in python_files(SERVICE):
        package = path.relative_to(SERVICE).parts[0]
        for table in written_tables(path.read_text("utf-8")):
            found[table].add(package)
    return found


def test_every_table_is_written_by_one_package() -> None:
    found = writers()
    assert {table: packages for table, packages in found.items() if len(packages) > 1} == {}


def test_every_table_has_a_writer() -> None:
    assert table_names() - set(writers()) - OWN_TABLES == set()


def test_a_second_writer_would_be_seen() -> None:
    source = "from wallet_service.database.tables.chain import balances as books\nupdate(books)\n"
    assert written_tables(source) == {"balances"}
    assert written_tables(source.replace("update(books)", "dialect.insert(books)")) == {"balances"}
    assert written_tables(source.replace("update(books)", "select(books)")) == set()


def opened_connections(source: str) -> list[str]:
    """Where a module opens a connection or a unit of work."""
    return [
        ast.unparse(node)
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr in CONNECTION_MAKERS)
            or (isinstance(node.func, ast.Name) and node.func.id in CONNECTION_MAKERS)
        )
    ]


@pytest.mark.parametrize("path", list(python_files(SERVICE / "faces")), ids=lambda path: path.name)
def test_no_face_opens_a_database_connection(path: Path) -> None:
    source = path.read_text("utf-8")
    assert opened_connections(source) == []
    assert "sqlalchemy" not in source


def test_an_opened_connection_would_be_seen() -> None:
    assert opened_connections("with services.engine.connect() as connection: ...")
    assert opened_connections("with UnitOfWork(engine) as work: ...")


def too_long(folders: list[Path]) -> dict[str, int]:
    """Written files of those folders that hold more lines than a reader can: how many."""
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in WRITTEN]
    counts = {
        f"{path.parent.name}/{path.name}": len(path.read_text("utf-8").splitlines())
        for path in files
        if not MADE & set(path.parts)
    }
    return {name: lines for name, lines in counts.items() if lines > MAX_LINES}


def test_no_file_holds_more_than_a_reader_can() -> None:
    assert too_long([ROOT / name for name in PROGRAMS_AND_TESTS]) == {}


def test_a_line_too_many_would_be_seen(tmp_path: Path) -> None:
    for name, lines in (
        ("test_a.py", MAX_LINES),
        ("test_b.py", MAX_LINES + 1),
        ("vectors.json", 9 * MAX_LINES),
    ):
        (tmp_path / name).write_text("1\n" * lines)
    assert too_long([tmp_path]) == {f"{tmp_path.name}/test_b.py": MAX_LINES + 1}


def modules_of(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.py") if not path.stem.startswith("__")}


def crowded(root: Path) -> dict[str, int]:
    """Folders of Python files, at any depth, that hold more of them than a reader can: how many."""
    folders = [folder for folder in root.rglob("*") if folder.is_dir() and "migrations" not in folder.parts]
    counts = {folder.relative_to(root).as_posix(): len(modules_of(folder)) for folder in folders}
    return {name: count for name, count in counts.items() if count > MAX_FOLDER_FILES}


def unknown_files(root: Path) -> set[str]:
    """Files of subjects whose names are neither those of every subject nor argued for above."""
    return {
        f"{folder.name}/{name}"
        for folder in root.iterdir()
        if folder.is_dir() and folder.name not in NO_SUBJECT
        for name in modules_of(folder) - SUBJECT_FILES - OWN_FILES.get(folder.name, {}).keys()
    }


def test_no_folder_has_more_files_than_a_reader_can_hold() -> None:
    assert crowded(SERVICE).keys() == LARGER_FOLDERS


def test_a_thirteenth_file_would_be_seen(tmp_path: Path) -> None:
    folder = tmp_path / "chain" / "node"
    folder.mkdir(parents=True)
    for number in range(MAX_FOLDER_FILES):
        (folder / f"part_{number}.py").touch()
    (folder / "__init__.py").touch()
    assert crowded(tmp_path) == {}
    (folder / "one_more.py").touch()
    assert crowded(tmp_path) == {"chain/node": MAX_FOLDER_FILES + 1}


def test_the_same_files_have_the_same_names_in_every_subject() -> None:
    assert unknown_files(SERVICE) == set()


def test_a_name_of_every_subject_is_one_of_several() -> None:
    subjects = [
        modules_of(folder)
        for folder in SERVICE.iterdir()
        if folder.is_dir() and folder.name not in NO_SUBJECT
    ]
    assert {name for name in SUBJECT_FILES if sum(name in files for files in subjects) < 2} == set()


def test_nothing_is_argued_for_that_is_not_there() -> None:
    argued = {f"{subject}/{name}" for subject, names in OWN_FILES.items() for name in names}
    assert {name for name in argued if not (SERVICE / f"{name}.py").is_file()} == set()
    assert not SUBJECT_FILES & {name for names in OWN_FILES.values() for name in names}


def test_a_file_under_a_name_of_its_own_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "payments").mkdir()
    (tmp_path / "chain").mkdir()
    for name in ("payments/service.py", "payments/accept.py", "payments/helpers.py", "chain/anything.py"):
        (tmp_path / name).touch()
    assert unknown_files(tmp_path) == {"payments/helpers"}


#: Test folders named after no package: a program of its own, scripts, the papers, the checks themselves.
OTHER_TESTS = {"merchant_pos", "scripts", "docs", "checks"}


@pytest.mark.parametrize("kind", ["unit", "integration"])
def test_a_test_folder_is_named_after_what_it_tests(kind: str) -> None:
    packages = {
        path.name for path in SERVICE.iterdir() if (path / "__init__.py").is_file() or path.name == "ui"
    }
    folders = {path.parent.name for path in (ROOT / "tests" / kind).glob("*/test_*.py")}
    assert folders - packages - OTHER_TESTS == set()


def public_classes(sources: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Name -> the modules that define a public class of that name at their top level."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, source in sources:
        for node in parsed(source).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(module)
    return found


def test_one_public_class_name_means_one_class() -> None:
    """One word for one thing (docs/glossary.md), over both programs."""
    sources = (
        (str(path.relative_to(ROOT)), path.read_text("utf-8"))
        for folder in (SERVICE, ROOT / "merchant_pos")
        for path in python_files(folder)
    )
    assert {name: modules for name, modules in public_classes(sources).items() if len(modules) > 1} == {}


def test_a_second_class_of_a_name_would_be_seen() -> None:
    sources = [
        ("a.py", "class Place: ...\nclass _Writer: ..."),
        ("b.py", "class Place: ...\nclass _Writer: ..."),
    ]
    assert public_classes(sources) == {"Place": ["a.py", "b.py"]}
