"""New French sentences go to the end of a catalogue; what stands in it stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.build import messages
from scripts.build.messages import Face, catalogue_of, missing, update

BEFORE = """msgid ""
msgstr ""
"Language: en\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Zone"
msgstr "Area"

# said of a person
msgid "Accueil"
msgstr "Home"
"""


@pytest.fixture
def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Face:
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    (tmp_path / "page.js").write_text('t("Zone"); t("Payer"); tn("{count} vente", "{count} ventes")', "utf-8")
    (tmp_path / "face.po").write_text(BEFORE, "utf-8")
    return Face("face", (tmp_path / "page.js",), (tmp_path / "face.po",))


def test_what_is_new_is_added_at_the_end_and_nothing_else_moves(face: Face) -> None:
    assert update(face) == 2
    after = face.catalogues[0].read_text("utf-8")
    assert after.startswith(BEFORE)
    catalogue = catalogue_of(face.catalogues[0])
    assert {message.id for message in catalogue if message.id} == {
        "Zone",
        "Accueil",
        "Payer",
        ("{count} vente", "{count} ventes"),
    }


def test_what_waits_for_its_english_is_missing_and_not_added_twice(face: Face) -> None:
    update(face)
    once = face.catalogues[0].read_text("utf-8")
    assert update(face) == 0
    assert face.catalogues[0].read_text("utf-8") == once
    assert set(missing(face)) == {"Payer", "{count} vente"}
