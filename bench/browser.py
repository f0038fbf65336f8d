"""A new browser at the hub: an empty cookie jar, one connection, and forms sent as their page says."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from bench.connection import Connection, HttpAnswer
from bench.errors import JourneyFailedError

_FORM: Final = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_INPUT: Final = re.compile(r"<input\b([^>]*)>")
_ATTRIBUTE: Final = re.compile(r'\b([a-z-]+)="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of a page: where it goes, and its hidden fields."""

    action: str
    hidden: tuple[tuple[str, str], ...]


def find_form(page: str, name: str) -> Form | None:
    """Find the form with this id; None when the page has none."""
    for match in _FORM.finditer(page):
        attributes = _attributes(match[1])
        if attributes.get("id") == name:
            fields = (_attributes(field[1]) for field in _INPUT.finditer(match[2]))
            hidden = [(it["name"], it.get("value", "")) for it in fields if it.get("type") == "hidden"]
            return Form(action=attributes.get("action", ""), hidden=tuple(hidden))
    return None


class Browser:
    """Everything one person's browser holds; thrown away after one journey."""

    def __init__(self, hub: str) -> None:
        """Know the hub's origin and nothing else."""
        self._connection = Connection(hub)
        self._cookies: dict[str, str] = {}

    def get(self, target: str) -> HttpAnswer:
        """Ask for a path and query on the hub."""
        return self._kept(self._connection.get(target, headers=self._cookie_header()))

    def submit(self, form: Form, pressed: tuple[str, str]) -> HttpAnswer:
        """Send a form's hidden fields and the button that was pressed."""
        body = urlencode([*form.hidden, pressed])
        return self._kept(self._connection.post(form.action, body, headers=self._cookie_header()))

    def close(self) -> None:
        """Close the browser's connection."""
        self._connection.close()

    def _cookie_header(self) -> str:
        if not self._cookies:
            return ""
        return f"Cookie: {'; '.join(f'{name}={value}' for name, value in self._cookies.items())}\r\n"

    def _kept(self, answer: HttpAnswer) -> HttpAnswer:
        for known, value in answer.headers:
            if known == "set-cookie":
                name, _, content = value.partition(";")[0].partition("=")
                if not name:
                    raise JourneyFailedError("a cookie without a name")
                if content:
                    self._cookies[name] = content
                else:
                    self._cookies.pop(name, None)
        return answer


def _attributes(tag: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
