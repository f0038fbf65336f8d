"""One YAML file of the registry as plain values, with the line of every value.

Only the plain part of YAML is understood: no anchors or aliases (which can grow a small file into a huge
one), no tags, no second document, no key twice. Plain words follow the core schema of YAML 1.2, so `no` is a
word and a date stays text until a field asks for a date.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from config.errors import Fault
from config.finding import Path

LARGEST_FILE = 256 * 1024
DEEPEST_NESTING = 20
LARGEST_INTEGER = 2**53 - 1
"""Beyond it, readers of JSON do not agree on a number's value (RFC 8259 6)."""

Plain = bool | int | float | str | list["Plain"] | dict[str, "Plain"] | None

_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(slots=True)
class Document:
    """What a file says: its value, the line of each value and key by path, and what is wrong with its text.

    `value` is None when the text could not be read at all; `faults` then says why.
    """

    file: str
    value: Plain = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: Path, message: str, *, line: int | None = None) -> None:
        """Record a fault at a path; without a line it stands at the nearest part that is in the file."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        self.faults.append(
            Fault(file=self.file, line=line or self.lines.get(known), field=write_path(path), message=message)
        )


def write_path(path: Path) -> str:
    """Write a path as people read it: `attributes[1].purpose.en`."""
    written = ""
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        else:
            shown = step if re.fullmatch(r"[\w-]+", step) else f'"{step}"'
            written += f".{shown}" if written else shown
    return written


def parse_document(file: str, content: bytes) -> Document:
    """Read one file; whatever is wrong is in the document's faults, nothing is raised."""
    document = Document(file)
    if len(content) > LARGEST_FILE:
        document.fault((), f"is larger than {LARGEST_FILE // 1024} KiB")
        return document
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.fault((), "is not UTF-8", line=content[: error.start].count(b"\n") + 1)
        return document
    try:
        if _is_plain_yaml(document, text):
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            if root is None:
                document.fault((), "is empty", line=1)
            else:
                document.value = _read(document, (), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(part for part in (error.context, error.problem) if part)
        document.fault((), f"is not YAML: {reason}", line=mark.line + 1 if mark else None)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.fault((), "holds a control character that YAML does not allow", line=line)
    return document


def _is_plain_yaml(document: Document, text: str) -> bool:
    """Look for what is refused before anything is built from it."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else None
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        for message in _refused(event):
            document.fault((), message, line=line)
        if depth > DEEPEST_NESTING:
            document.fault((), f"is nested more than {DEEPEST_NESTING} deep", line=line)
            return False
        if documents > 1:
            document.fault((), "must hold one document only", line=line)
            return False
    return not document.faults


def _refused(event: yaml.Event) -> Iterator[str]:
    if isinstance(event, yaml.AliasEvent):
        yield "must not use aliases (*name): write the value out"
    elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
        if event.anchor is not None:
            yield "must not use anchors (&name): write the value out"
        if event.tag is not None:
            yield f"must not use tags ({event.tag})"


def _read(document: Document, path: Path, node: yaml.Node) -> Plain:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(document, path, node)
    if isinstance(node, yaml.SequenceNode):
        return [_read(document, (*path, index), item) for index, item in enumerate(node.value)]
    mapping: dict[str, Plain] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or not isinstance(
            _scalar(document, path, key_node), str
        ):
            document.fault(path, "has a name that is not text: quote it", line=line)
            continue
        name = key_node.value
        if name in mapping:
            document.fault(
                (*path, name), f"is written twice (first in line {document.lines[*path, name]})", line=line
            )
            continue
        document.lines[*path, name] = line
        mapping[name] = _read(document, (*path, name), value_node)
    return mapping


def _scalar(document: Document, path: Path, node: yaml.ScalarNode) -> Plain:
    text: str = node.value
    if _SURROGATE.search(text):
        line = node.start_mark.line + 1
        document.fault(path, "holds half a character (a lone surrogate)", line=line)
        return ""
    if node.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(document, path, node)
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def _integer(document: Document, path: Path, node: yaml.ScalarNode) -> int:
    # Longer numbers are not worth the time it takes to read them.
    if len(node.value) <= len(str(LARGEST_INTEGER)) + 1 and abs(int(node.value)) <= LARGEST_INTEGER:
        return int(node.value)
    line = node.start_mark.line + 1
    document.fault(path, "is too large a number: quote it if it is text", line=line)
    return 0
