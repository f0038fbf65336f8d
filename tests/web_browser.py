"""A person's browser in a few lines: cookies by host, redirects one at a time, and real forms, without a script.

It knows HTML forms and nothing of the hub: what it sends is what the page in front of it says. Cookies ignore ports,
as everywhere; SameSite is left to Chromium's tests. Redirects are followed only to parties that are `reachable`;
anything else is where the journey left the federation (`Page.url`), as a service's callback is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import urllib3

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_HOPS: Final = 12
_VOID: Final = frozenset({"input", "meta", "link", "br", "hr", "img"})
_POOLS: Final = urllib3.PoolManager(num_pools=64, maxsize=32, retries=False, timeout=urllib3.Timeout(60))


@dataclass(slots=True)
class Form:
    """A form as the page has it: fields that would be sent, and the buttons that send it."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    checkboxes: list[tuple[str, str, bool]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """One answer; `forms` by id, `elements` by id with their attributes and text."""

    url: str
    status: int
    headers: Mapping[str, str]
    text: str
    forms: dict[str, Form] = field(default_factory=dict)
    elements: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def location(self) -> str:
        """Where a redirect leads, absolute."""
        return urljoin(self.url, self.headers["Location"])

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address; a repeated one fails."""
        pairs = parse_qsl(urlsplit(self.url).query, keep_blank_values=True)
        assert len(dict(pairs)) == len(pairs), self.url
        return dict(pairs)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def outcome(self) -> tuple[str, str]:
        """The code and the party that a failure page names."""
        shown = self.elements["outcome"]
        return shown["data-code"], shown["data-party"]

    @property
    def reference(self) -> str:
        return self.elements["journey-reference"]["text"]


class Browser:
    """One person's browser."""

    def __init__(self, reachable: Collection[str], headers: Mapping[str, str] | None = None) -> None:
        """Follow redirects to these origins only; send `headers` with every request."""
        self.reachable = set(reachable)
        self.headers = dict(headers or {})
        self.cookies: dict[str, dict[str, str]] = {}
        self.history: list[Page] = []

    def copy(self) -> Browser:
        """Another window of the same person: the cookies as they are now, then each by itself."""
        twin = Browser(self.reachable, self.headers)
        twin.cookies = {host: dict(jar) for host, jar in self.cookies.items()}
        return twin

    def get(self, url: str, *, follow: bool = True, headers: Mapping[str, str] | None = None) -> Page:
        page = self.send("GET", url, headers=headers)
        return self.follow(page) if follow else page

    def post(
        self,
        url: str,
        fields: Sequence[tuple[str, str]],
        *,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        page = self.send("POST", url, body=urlencode(fields), headers=headers)
        return self.follow(page) if follow else page

    def submit(
        self, page: Page, form: str, *, follow: bool = True, tick: Collection[str] = (), **values: str
    ) -> Page:
        """Send a form of a page: values replace fields, or press the button or choose the option of that name."""
        action, method, fields = filled(page, form, tick=tick, **values)
        if method == "get":
            return self.get(f"{action}?{urlencode(fields)}", follow=follow)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        return self.post(action, fields, follow=follow, headers={"Origin": origin})

    def follow(self, page: Page) -> Page:
        """Follow redirects as far as they stay with the parties of this browser's world."""
        for _ in range(_MOST_HOPS):
            if page.status not in _REDIRECTS:
                return page
            target = page.location
            if "{0.scheme}://{0.netloc}".format(urlsplit(target)) not in self.reachable:
                return Page(url=target, status=0, headers={}, text="")
            page = self.send("GET", target)
        raise AssertionError(f"more than {_MOST_HOPS} redirects, the last to {page.url}")

    def send(
        self, method: str, url: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Page:
        """Send one request with this host's cookies, and keep those that come back."""
        host = urlsplit(url).hostname or ""
        sent = {**self.headers, **(headers or {})}
        if jar := self.cookies.get(host):
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if body is not None:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        answer = _POOLS.request(method, url, body=body, headers=sent, redirect=False)
        for header in answer.headers.getlist("Set-Cookie"):
            self._keep(host, header)
        text = answer.data.decode("utf-8", errors="replace")
        page = Page(url=url, status=answer.status, headers=answer.headers, text=text)
        if "text/html" in answer.headers.get("Content-Type", ""):
            reader = _Reader(page)
            reader.feed(text)
        self.history.append(page)
        return page

    def _keep(self, host: str, header: str) -> None:
        jar = self.cookies.setdefault(host, {})
        for name, morsel in SimpleCookie(header).items():
            if morsel["max-age"] == "0" or not morsel.value:
                jar.pop(name, None)
            else:
                jar[name] = morsel.value


def filled(
    page: Page, form: str, *, tick: Collection[str] = (), **values: str
) -> tuple[str, str, list[tuple[str, str]]]:
    """The action, the method and the fields that a browser would send."""
    shown = page.forms[form]
    chosen = [(name, values.pop(name, value)) for name, value in shown.fields]
    for name, value, ticked in shown.checkboxes:
        if ticked or value in tick:
            chosen.append((name, value))
    assert set(tick) <= {value for _, value, _ in shown.checkboxes}, (tick, shown.checkboxes)
    for name, value in values.items():
        assert (name, value) in shown.buttons, (name, value, shown.buttons)
        chosen.append((name, value))
    return urljoin(page.url, shown.action), shown.method, chosen


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self._page = page
        self._form: Form | None = None
        self._select: str | None = None
        self._open: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append((tag, given.get("id")))
        if "id" in given:
            self._page.elements[given["id"]] = {**given, "text": ""}
        if tag == "form":
            self._form = Form(action=given.get("action", ""), method=given.get("method", "get").lower())
            self._page.forms[given.get("id", "")] = self._form
        elif self._form is not None:
            self._control(self._form, tag, given)

    def _control(self, form: Form, tag: str, given: Mapping[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select is not None and "selected" in given:
            form.fields.append((self._select, value))
        elif tag == "button":
            form.buttons.append((name, value))
        elif tag == "input" and given.get("type") == "checkbox":
            form.checkboxes.append((name, value, "checked" in given))
        elif tag == "input" and name:
            form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = None
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for _, name in self._open:
            if name is not None:
                self._page.elements[name]["text"] += data
