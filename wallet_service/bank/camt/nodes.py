"""An XML element as readers of bank messages want it: children by name, whatever prefix they came with."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from wallet_service.protocol.text.lines import seen_of

#: No text of the standard's is longer (AddtlNtryInf and AddtlTxInf: 500); what goes on behind it is cut.
MAX_TEXT_CHARACTERS = 2_000
_NONE: list[XmlNode] = []


class XmlNode:
    """One element. Children are looked at once, so that a long statement is read in one pass."""

    __slots__ = ("_children", "_element")

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._children: dict[str, list[XmlNode]] | None = None

    def named(self, name: str) -> list[XmlNode]:
        """Its children of that name: the list itself, not to be changed."""
        if self._children is None:
            self._children = {}
            for child in self._element:
                if isinstance(child.tag, str):
                    self._children.setdefault(_without_namespace(child.tag), []).append(XmlNode(child))
        return self._children.get(name, _NONE)

    def all(self, *paths: str) -> list[XmlNode]:
        """What stands at those paths (`A/B/C`, from this element on), path by path."""
        return [node for path in paths for node in self._at(path)]

    def only(self, name: str) -> XmlNode | None:
        """The one child of that name, None when there is none or more than one."""
        found = self.named(name)
        return found[0] if len(found) == 1 else None

    def texts(self, *paths: str) -> list[str]:
        """The texts at those paths that say something, each one line."""
        return [text for path in paths for node in self._at(path) if (text := node.own_text)]

    def text(self, *paths: str) -> str:
        """The first of them, "" when none says anything."""
        for path in paths:
            for node in self._at(path):
                if text := node.own_text:
                    return text
        return ""

    def _at(self, path: str) -> list[XmlNode]:
        nodes = [self]
        for step in _steps(path):
            nodes = (
                nodes[0].named(step) if len(nodes) == 1 else [n for node in nodes for n in node.named(step)]
            )
            if not nodes:
                break
        return nodes

    def forget(self) -> None:
        """Drops what was looked at below, so that of a long file only what is read stays in memory."""
        self._children = None

    def get(self, attribute: str) -> str:
        return str(self._element.get(attribute) or "")

    @property
    def own_text(self) -> str:
        return seen_of((self._element.text or "")[:MAX_TEXT_CHARACTERS])


def local_name(element: etree._Element) -> str:
    """The name without its namespace."""
    return _without_namespace(str(element.tag))


@lru_cache(maxsize=1_024)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


@lru_cache(maxsize=1_024)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))
