"""A web site outside the federation, on TLS under any `.test` name: an attacker's, or a service of other habits.

What it shows is what a test put there; everything that reaches it is kept, so that a test can ask what it learned.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from broker.demo.processes import find_free_port
from tests.certificate_authority import CertificateAuthority

MOVED_ON_TO: Final = "elsewhere.test"
_POST: Final = '<form method="post" action="{action}">{fields}<button>Go on</button></form>'
_FIELD: Final = '<input type="hidden" name="{name}" value="{value}">'
_FRAME: Final = '<iframe src="{url}" width="800" height="600"></iframe>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as the site got it."""

    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class OutsideSite:
    """One server behind every name; `/callback` sends the browser on to another host, as some services do."""

    port: int
    seen: list[Seen] = field(default_factory=list)
    _page: str = ""

    def url(self, host: str, path: str = "/") -> str:
        """The address of a page of this site under a host name."""
        return f"https://{host}:{self.port}{path}"

    def show_post(self, action: str, fields: Mapping[str, str]) -> None:
        """Show a form that posts these fields, and a button."""
        hidden = "".join(
            _FIELD.format(name=escape(name), value=escape(value)) for name, value in fields.items()
        )
        self._page = _POST.format(action=escape(action), fields=hidden)

    def show_frame(self, url: str) -> None:
        """Show somebody else's page in a frame."""
        self._page = _FRAME.format(url=escape(url))

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        host = request.host.partition(":")[0]
        self.seen.append(
            Seen(host=host, path=request.path, query=request.args.to_dict(), headers=dict(request.headers))
        )
        if request.path == "/callback":
            onwards = f"{self.url(MOVED_ON_TO, '/landed')}?{urlencode(request.args.to_dict())}"
            return Response(status=303, headers={"Location": onwards})
        page = (
            f'<!doctype html><html lang="en"><link rel="icon" href="data:,"><body>{self._page}</body></html>'
        )
        # The most talkative policy there is: what the hub keeps to itself does not hang on others' manners.
        policy = "no-referrer" if host.startswith("silent.") else "unsafe-url"
        return Response(page, content_type="text/html", headers={"Referrer-Policy": policy})


class _Quiet(WSGIRequestHandler):
    """Says nothing about each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


@contextmanager
def outside_site(directory: Path) -> Iterator[OutsideSite]:
    """Serve until the block ends."""
    site = OutsideSite(port=find_free_port())
    issued = CertificateAuthority(directory).issue("outside.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    server = make_server(
        "127.0.0.1",
        site.port,
        Request.application(site.answer),
        threaded=True,
        request_handler=_Quiet,
        ssl_context=context,
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
