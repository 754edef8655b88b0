"""An XML element as readers of bank messages want it: children by name, whatever prefix they came with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from wallet_service.protocol.text.lines import seen_of

#: No text of the standard's is longer (AddtlNtryInf and AddtlTxInf: 500); what goes on behind it is cut.
MAX_TEXT_CHARACTERS = 2_000
#: The longest path that readers ask for; what stands deeper is not looked at.
MAX_STEPS = 6
#: One transfer of an entry.
TRANSFER = "TxDtls"
_NONE: list[etree._Element] = []


class XmlNode:
    """One element. What stands below a child is looked at once, so that a long file is read in one pass."""

    __slots__ = ("_children", "_element", "_paths")

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._children: dict[str, list[etree._Element]] | None = None
        self._paths: dict[str, dict[str, list[etree._Element]]] = {}

    def all(self, *paths: str) -> list[XmlNode]:
        """What stands at those paths (`A/B/C`, from this element on), path by path."""
        return [type(self)(element) for path in paths for element in self._at(path)]

    def each_small(self, name: str) -> Iterator[SmallNode]:
        """Its children of that name, one after the other, so that of a long file only one stays in memory."""
        for element in self._named(name):
            yield SmallNode(element)

    def only(self, name: str) -> XmlNode | None:
        """The one child of that name, None when there is none or more than one."""
        found = self._named(name)
        return type(self)(found[0]) if len(found) == 1 else None

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

    def _named(self, name: str, /) -> list[etree._Element]:
        if self._children is None:
            self._children = {}
            _gather(self._element, "", 1, self._children)
        return self._children.get(name, _NONE)

    def _at(self, path: str, /) -> list[etree._Element]:
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

    def get(self, attribute: str) -> str:
        return str(self._element.get(attribute) or "")

    @property
    def own_text(self) -> str:
        return _text_of(self._element)


class SmallNode(XmlNode):
    """One of the thousands of a long file: all that stands below it is looked at together, once.

    But for what stands below a transfer: that is looked at when the transfer is.
    """

    __slots__ = ()

    def _named(self, name: str, /) -> list[etree._Element]:
        if self._children is None:
            self._children = {}
            _gather(self._element, "", MAX_STEPS, self._children, TRANSFER)
        return self._children.get(name, _NONE)

    _at = _named


def local_name(element: etree._Element) -> str:
    """The name without its namespace."""
    return _without_namespace(str(element.tag))


@lru_cache(maxsize=1_024)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


def _text_of(element: etree._Element) -> str:
    text = element.text
    return seen_of(text[:MAX_TEXT_CHARACTERS]) if text else ""


def _gather(
    element: etree._Element,
    above: str,
    steps: int,
    found: dict[str, list[etree._Element]],
    closed: str = "",
) -> None:
    """Puts what stands below the element, in the document's order, under its path from there.

    What stands below elements of the name `closed` is left out.
    """
    for child in element:
        tag = child.tag
        if isinstance(tag, str):
            name = _without_namespace(tag)
            path = above + name
            if path in found:
                found[path].append(child)
            else:
                found[path] = [child]
            if steps > 1 and name != closed and len(child):
                _gather(child, f"{path}/", steps - 1, found, closed)
