"""One document of the registry as an entry: pydantic's faults in words, each at its line.

A document with faults still yields a stand-in, in which what could not be read has a harmless value, so that
rules over the other fields can report in the same round. A stand-in never leaves the reading of a directory.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

    from config.finding import Finding, Path
    from config.yaml_document import Document

Entry = TypeVar("Entry", bound=BaseModel)

_WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "bool_type": "must be true or false",
    "string_type": "must be text (quote it if it looks like something else)",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_long": "must have at most {max_length} characters",
    "tuple_type": "must be a list",
    "model_type": "must be a mapping with named fields",
    "model_attributes_type": "must be a mapping with named fields",
    "dict_type": "must be a mapping with named fields",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "too_short": "must have at least {min_length} entry",
    "union_tag_not_found": "must name a {discriminator}",
    "union_tag_invalid": "must be one of {expected_tags}",
    "date_from_datetime_parsing": "must be a day, written YYYY-MM-DD",
    "date_from_datetime_inexact": "must be a day without a time, written YYYY-MM-DD",
    "date_parsing": "must be a day, written YYYY-MM-DD",
    "date_type": "must be a day, written YYYY-MM-DD",
}


@dataclass(frozen=True, slots=True)
class ReadEntry(Generic[Entry]):
    """An entry with the document it comes from, and the top-level fields that could not be read."""

    document: Document
    entry: Entry
    unread: frozenset[str]

    def report(self, findings: Iterator[Finding]) -> None:
        """Put what a rule found into the document's faults, at its line."""
        for finding in findings:
            self.document.fault(finding.path, finding.message)


def read_entry(
    document: Document, model: type[Entry], stand_ins: Mapping[str, object]
) -> ReadEntry[Entry] | None:
    """Read a document as an entry; its faults go to the document.

    `stand_ins` gives every required field a valid value. None means that there is no mapping to read at all.
    """
    if document.value is None and document.faults:
        return None
    try:
        return ReadEntry(document, model.model_validate_json(json.dumps(document.value)), frozenset())
    except ValidationError as error:
        unread = {_report(document, details) for details in _causes(error)}
    if not isinstance(document.value, dict):
        return None
    readable = {name: value for name, value in document.value.items() if name not in unread}
    try:
        stand_in = model.model_validate_json(json.dumps({**stand_ins, **readable}))
    except ValidationError:  # pragma: no cover -- each field was read by itself a moment ago
        return None
    return ReadEntry(document, stand_in, frozenset(unread))


def _causes(error: ValidationError) -> list[ErrorDetails]:
    """Leave out that a list is too short where that is so because its entries have faults of their own."""
    every = error.errors(include_url=False, include_input=False)
    inside = {details["loc"][:length] for details in every for length in range(len(details["loc"]))}
    return [details for details in every if details["type"] != "too_short" or details["loc"] not in inside]


def _report(document: Document, error: ErrorDetails) -> str:
    """Put one of pydantic's errors into the document's faults, and return the top-level field it is about."""
    context: dict[str, Any] = {name: _plain(value) for name, value in error.get("ctx", {}).items()}
    path = _in_document(document, error["loc"], missing=error["type"] == "missing")
    if error["type"] == "value_error":
        message = str(error["ctx"]["error"])
    elif error["type"] == "union_tag_invalid":
        path, message = (*path, context["discriminator"]), _WORDS["union_tag_invalid"].format(**context)
    else:
        message = _WORDS.get(error["type"], error["msg"]).format(**context)
    document.fault(path, message)
    return str(path[0]) if path else ""


def _in_document(document: Document, location: tuple[str | int, ...], *, missing: bool) -> Path:
    """Leave out of pydantic's location what is not in the file: its names for alternatives."""
    path: Path = ()
    for step in location:
        if (*path, step) in document.lines:
            path = (*path, step)
    return (*path, location[-1]) if missing else path


def _plain(value: object) -> object:
    # Members of an enum are listed as <Name.MEMBER: 'value'>.
    return re.sub(r"<[^<>]*: '([^']*)'>", r"\1", value).replace("'", "") if isinstance(value, str) else value
