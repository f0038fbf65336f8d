"""The only HTTP client: every call has a pinned origin, a checked address, a deadline and a size.

    client = OutboundClient(allow=AllowList.parse(["10.1.0.0/16"], loopback=False), user_agent="countersign")
    answer = client.fetch("northgate", OutboundRequest(url=jwks_uri, origins=pinned))
    keys = answer.json_object("the key set")

No redirect is followed, no cookie kept, no compression accepted, no environment variable read. What comes
back is bytes of an expected type, or one of our errors (attacks A-UO-09, A-OP-02, A-OP-07; design,
Providers).
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import requests
from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util import Timeout

from idp_adapters.errors import ProviderUnavailableError, UntrustedAnswerError
from idp_adapters.json_object import JsonObject, read_json_object
from idp_adapters.outbound.addresses import AllowList, CheckedResolver, Origin, parse_origin
from idp_adapters.outbound.breaker import CircuitBreaker
from idp_adapters.outbound.calls import Call, CallResult, Observer, unobserved
from idp_adapters.outbound.connections import CheckedTransport, StaleConnectionError, tls_context
from idp_adapters.outbound.line import Line

JSON = ("application/json",)
DEFAULT_MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRequest:
    """One call: `origins` are those pinned for the provider, `accept` the content types it may answer."""

    url: str
    origins: frozenset[Origin]
    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    accept: tuple[str, ...] = JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundResponse:
    """What came back: a status of 2xx or 4xx, the content type in lower case, bare, and the whole body."""

    status: int
    content_type: str
    body: bytes

    def json_object(self, what: str) -> JsonObject:
        """Read the body as a JSON object; raises `UntrustedAnswerError`, whose detail calls it `what`."""
        return read_json_object(self.body, what=what)


class OutboundClient:
    """Calls providers, so that a slow, hostile or broken one costs only itself; safe for many threads."""

    def __init__(  # noqa: PLR0913 - each limit is the operator's to set
        self,
        *,
        allow: AllowList,
        ca_bundle: Path | None = None,
        user_agent: str,
        connect_timeout: float = 2.0,
        total_timeout: float = 10.0,
        max_bytes: int = DEFAULT_MAX_BYTES,
        per_provider_concurrency: int = 8,
        per_provider_queue: int = 24,
        queue_seconds: float = 2.0,
        failures_to_open: int = 5,
        open_seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        observe: Observer = unobserved,
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Prepare the pools; nothing is connected yet.

        Times are seconds: `connect_timeout` covers name look-up, TCP and, again, TLS; `total_timeout` the
        whole call. `per_provider_queue` callers may wait for `queue_seconds`; see `line`. `observe` hears of every
        call; a caller stands `aside` for as long as one takes.
        """
        self._allow = allow
        self._headers = {
            "User-Agent": user_agent,
            # A compressed body could grow without bound after the size check.
            "Accept-Encoding": "identity",
        }
        self._connect_timeout = connect_timeout
        self._total_timeout = total_timeout
        self._max_bytes = max_bytes
        self._concurrency = per_provider_concurrency
        self._queue = per_provider_queue
        self._queue_seconds = queue_seconds
        self._failures_to_open = failures_to_open
        self._open_seconds = open_seconds
        self._clock = clock
        self._observe = observe
        self._aside = aside
        self._transport = CheckedTransport(
            resolver=CheckedResolver(allow),
            tls=tls_context(ca_bundle),
            connections_kept=per_provider_concurrency,
        )
        self._lines: dict[str, Line] = {}
        self._lock = threading.Lock()

    def origin_of(self, url: str) -> Origin:
        """Return the origin of a URL that this hub may call at all; raises `UntrustedAnswerError`."""
        origin = parse_origin(url)
        self._allow.check(origin)
        return origin

    def fetch(self, provider: str, request: OutboundRequest) -> OutboundResponse:
        """Make one call for a provider.

        Raises:
            ProviderBusyError: as many calls to this provider are under way as it may have; nothing was sent.
            ProviderUnavailableError: no connection, no whole answer in time, a 5xx or 429, an open breaker.
            UntrustedAnswerError: another origin, a forbidden address, a bad certificate, a redirect, or an
                answer that is too large, compressed or of another content type.

        """
        if self.origin_of(request.url) not in request.origins:
            raise UntrustedAnswerError("a call outside the origins that this provider is pinned to")
        with self._aside():
            return self._call(provider, request)

    def _call(self, provider: str, request: OutboundRequest) -> OutboundResponse:
        line = self._line(provider)
        result, began = CallResult.BUSY, self._clock()
        try:
            with line.place():
                result = CallResult.NOT_ASKED
                line.breaker.admit()
                try:
                    response = self._exchange(request)
                except ProviderUnavailableError:
                    result = CallResult.UNAVAILABLE
                    line.breaker.failed()
                    raise
                except UntrustedAnswerError:
                    result = CallResult.UNTRUSTED
                    line.breaker.answered()
                    raise
                result = CallResult.ANSWERED
                line.breaker.answered()
                return response
        finally:
            self._observe(
                Call(
                    provider=provider,
                    result=result,
                    seconds=self._clock() - began,
                    failing=line.breaker.is_tripped,
                )
            )

    def is_failing(self, provider: str) -> bool:
        """Whether calls to this provider are refused at once, because its last ones failed."""
        return self._line(provider).breaker.is_open

    def close(self) -> None:
        """Close the connections that are kept."""
        self._transport.close()

    def _line(self, provider: str) -> Line:
        line = self._lines.get(provider)
        if line is None:
            fresh = Line(
                calls=self._concurrency,
                queue=self._queue,
                patience=self._queue_seconds,
                breaker=CircuitBreaker(
                    failures=self._failures_to_open, pause=self._open_seconds, clock=self._clock
                ),
                clock=self._clock,
            )
            with self._lock:
                line = self._lines.setdefault(provider, fresh)
        return line

    def _exchange(self, request: OutboundRequest) -> OutboundResponse:
        prepared = self._prepare(request)
        try:
            try:
                answer = self._send(prepared)
            except requests.exceptions.ConnectionError as error:
                if not isinstance(_innermost(error), StaleConnectionError):
                    raise
                # The other side had closed it before our request arrived; RFC 9112 §9.3.1 lets us try anew.
                answer = self._send(prepared)
        except requests.exceptions.SSLError as error:
            raise _tls_failure(error) from error
        except (requests.exceptions.RequestException, HTTPError) as error:
            raise ProviderUnavailableError(f"no answer: {_cause(error)}") from error
        try:
            return self._read(request, answer)
        except (HTTPError, OSError) as error:
            cause = "it took too long" if isinstance(error, ReadTimeoutError) else _cause(error)
            raise ProviderUnavailableError(f"the answer broke off: {cause}") from error
        finally:
            # A body that was read to its end has given its connection back already; any other is cut.
            answer.raw.close()

    def _send(self, prepared: PreparedRequest) -> requests.Response:
        # A Timeout object is passed through to urllib3, which subtracts the time spent on connecting.
        timeout = Timeout(connect=self._connect_timeout, total=self._total_timeout)
        return self._transport.send(prepared, stream=True, timeout=timeout)  # type: ignore[arg-type]

    def _prepare(self, request: OutboundRequest) -> PreparedRequest:
        # Filled in by hand: prepare() merges cookies, authentication and environment that we do not have.
        prepared = PreparedRequest()
        prepared.method = request.method
        prepared.url = request.url
        prepared.body = request.body
        headers = {**self._headers, "Accept": ", ".join(request.accept), **request.headers}
        if request.body is not None:
            headers["Content-Length"] = str(len(request.body))
        prepared.headers = CaseInsensitiveDict(headers)
        return prepared

    def _read(self, request: OutboundRequest, answer: requests.Response) -> OutboundResponse:
        status = answer.status_code
        if status >= requests.codes.server_error or status == requests.codes.too_many_requests:
            raise ProviderUnavailableError(f"the provider answered {status}")
        if not (200 <= status < 300 or status >= 400):  # noqa: PLR2004 - RFC 9110 §15: success and client error
            raise UntrustedAnswerError(f"the provider answered {status}: redirects are not followed")
        content_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if content_type not in request.accept:
            raise UntrustedAnswerError(f"the provider answered {status} with an unexpected content type")
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise UntrustedAnswerError("the provider compressed its answer although it was asked not to")
        return OutboundResponse(status=status, content_type=content_type, body=self._body(answer.raw))

    def _body(self, raw: Any) -> bytes:  # noqa: ANN401 - urllib3's response, which requests does not type
        if (raw.length_remaining or 0) > self._max_bytes:
            raise UntrustedAnswerError(f"the answer is larger than {self._max_bytes} bytes")
        body: bytes = raw.read(self._max_bytes + 1, decode_content=False)
        if len(body) > self._max_bytes:
            raise UntrustedAnswerError(f"the answer is larger than {self._max_bytes} bytes")
        # One read is enough for urllib3 to fill the body, but not for it to notice that the body is short.
        if raw.length_remaining:
            raise ProviderUnavailableError(
                f"the answer broke off {raw.length_remaining} bytes before its end"
            )
        return body


def _tls_failure(error: Exception) -> ProviderUnavailableError | UntrustedAnswerError:
    """A certificate that does not verify is a lie; any other failure of TLS is a failure."""
    causes: list[object] = [error]
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return UntrustedAnswerError(f"the certificate was refused: {cause.verify_message}")
        reason = getattr(cause, "reason", None)
        causes.extend(link for link in (*getattr(cause, "args", ()), reason) if isinstance(link, Exception))
    return ProviderUnavailableError(f"no secure connection: {_cause(error)}")


def _cause(error: BaseException) -> str:
    """Name the innermost cause by its class: messages of the libraries quote addresses and answers."""
    return type(_innermost(error)).__name__


def _innermost(error: BaseException) -> BaseException:
    while (inner := error.__cause__ or error.__context__) is not None:
        if isinstance(error, StaleConnectionError):
            break
        error = inner
    return error


__all__ = ["DEFAULT_MAX_BYTES", "JSON", "OutboundClient", "OutboundRequest", "OutboundResponse"]
