"""An XML element as readers of bank messages want it: children by name, whatever prefix they came with."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from wallet_service.protocol.text.lines import seen_of

#: No text of the standard's is longer (AddtlNtryInf and AddtlTxInf: 500); what goes on behind it is cut.
MAX_TEXT_CHARACTERS = 2_000
#: The longest path that readers ask for; what stands deeper is not looked at.
MAX_STEPS = 6
_NONE: list[etree._Element] = []


class XmlNode:
    """One element. What stands below a child is looked at once, so that a long file is read in one pass."""

    __slots__ = ("_children", "_element", "_paths")

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._children: dict[str, list[etree._Element]] | None = None
        self._paths: dict[str, dict[str, list[etree._Element]]] = {}

    def named(self, name: str) -> list[XmlNode]:
        """Its children of that name."""
        return [XmlNode(child) for child in self._named(name)]

    def all(self, *paths: str) -> list[XmlNode]:
        """What stands at those paths (`A/B/C`, from this element on), path by path."""
        return [XmlNode(element) for path in paths for element in self._at(path)]

    def only(self, name: str) -> XmlNode | None:
        """The one child of that name, None when there is none or more than one."""
        found = self._named(name)
        return XmlNode(found[0]) if len(found) == 1 else None

    def texts(self, *paths: str) -> list[str]:
        """The texts at those paths that say something, each one line."""
        return [text for path in paths for element in self._at(path) if (text := _text_of(element))]

    def text(self, *paths: str) -> str:
        """The first of them, "" when none says anything."""
        for path in paths:
            for element in self._at(path):
                if text := _text_of(element):
                    return text
        return ""

    def _named(self, name: str) -> list[etree._Element]:
        if self._children is None:
            self._children = {}
            for child in self._element:
                if isinstance(child.tag, str):
                    self._children.setdefault(_without_namespace(child.tag), []).append(child)
        return self._children.get(name, _NONE)

    def _at(self, path: str) -> list[etree._Element]:
        name, separator, below = path.partition("/")
        children = self._named(name)
        if not separator or not children:
            return children
        found = self._paths.get(name)
        if found is None:
            found = self._paths[name] = {}
            for child in children:
                _gather(child, "", MAX_STEPS - 1, found)
        return found.get(below, _NONE)

    def forget(self) -> None:
        """Drops what was looked at below, so that of a long file only what is read stays in memory."""
        self._children = None
        self._paths = {}

    def get(self, attribute: str) -> str:
        return str(self._element.get(attribute) or "")

    @property
    def own_text(self) -> str:
        return _text_of(self._element)


def local_name(element: etree._Element) -> str:
    """The name without its namespace."""
    return _without_namespace(str(element.tag))


@lru_cache(maxsize=1_024)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


def _text_of(element: etree._Element) -> str:
    return seen_of((element.text or "")[:MAX_TEXT_CHARACTERS])


def _gather(element: etree._Element, above: str, steps: int, found: dict[str, list[etree._Element]]) -> None:
    """Puts what stands below the element, in the document's order, under its path from there."""
    for child in element:
        if isinstance(child.tag, str):
            path = above + _without_namespace(child.tag)
            found.setdefault(path, []).append(child)
            if steps > 1 and len(child):
                _gather(child, f"{path}/", steps - 1, found)
