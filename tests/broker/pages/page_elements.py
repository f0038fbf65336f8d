"""A page as a tree, so that tests ask for elements and not for strings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class _TreeParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.builder = ET.TreeBuilder()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in _VOID:
            self.builder.end(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        self.builder.data(data)


def parse_page(page: str) -> ET.Element:
    """Return the root; an element that is not closed where it should be is an error."""
    parser = _TreeParser()
    parser.feed(page.strip())
    parser.close()
    return parser.builder.close()


def only(root: ET.Element, path: str) -> ET.Element:
    """Return the one element at an XPath; a second one is an error."""
    found = root.findall(path)
    assert len(found) == 1, f"{path}: {len(found)}"
    return found[0]


def text_of(element: ET.Element) -> str:
    """Return an element's text with single spaces."""
    return " ".join("".join(element.itertext()).split())


def visible_texts(root: ET.Element) -> Iterator[str]:
    """Yield each block of text that people see or hear: the title, the body, and attributes that are read out."""
    yield text_of(only(root, "head/title"))
    yield text_of(only(root, "body"))
    for element in root.iter():
        for name in ("aria-label", "alt", "title", "placeholder", "value"):
            if name == "value" and element.tag in {"input", "button"}:
                continue
            if name in element.attrib:
                yield element.attrib[name]


def without_bracketed(text: str) -> str:
    """Return what is left of a text when everything inside the brackets of the pseudo-locale is taken away."""
    while "⟦" in text:
        shorter = re.sub("⟦[^⟦⟧]*⟧", " ", text)
        assert shorter != text, text
        text = shorter
    return text
