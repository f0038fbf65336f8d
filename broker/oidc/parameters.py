"""Parameters as they arrive: every name once, decoded one way only, nothing picked silently (A-AZ-05).

Invariant: `Parameters.get` never gives a value about which two readers could disagree. A parameter that came
twice (in the query, in the body, or once in each), is too long, or is wrongly encoded is kept as a fault,
because whether its error may be sent to a redirect URI can be decided only when that URI has been checked. A
request that cannot be taken apart at all raises `UnreadableParametersError`. An empty value counts as absent
(RFC 6749 §3.1).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from broker.oidc.errors import UnreadableParametersError

LARGEST_REQUEST: Final = 64 * 1024
"""Bytes of query and body together."""
MOST_PARAMETERS: Final = 100
LONGEST_NAME: Final = 100
LONGEST_VALUE: Final = 8 * 1024
"""Characters of one decoded value."""

FORM: Final = "application/x-www-form-urlencoded"

KNOWN: Final = frozenset({
    "acr_values", "claims", "claims_locales", "client_assertion", "client_assertion_type", "client_id",
    "client_secret", "code", "code_challenge", "code_challenge_method", "code_verifier", "display",
    "dpop_jkt", "grant_type", "id_token_hint", "login_hint", "max_age", "nonce", "prompt",
    "provider_hint", "redirect_uri", "refresh_token", "registration", "request", "request_uri",
    "resource", "response_mode", "response_type", "scope", "state", "ui_locales", "vtr", "access_token",
    "token", "token_type_hint",
})  # fmt: skip
"""Names that may be repeated in an error: everything else is the sender's own text."""

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
# C0, DEL and C1: no parameter of the standard holds one, and logs, headers and pages must not.
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class ParameterFault(enum.StrEnum):
    """What is wrong with one parameter."""

    REPEATED = "repeated"
    TOO_LONG = "too_long"
    WRONGLY_ENCODED = "wrongly_encoded"
    CONTROL_CHARACTER = "control_character"


class _Pair(NamedTuple):
    name: str
    value: str
    fault: ParameterFault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What was sent, each sound parameter exactly once.

    `values` holds the sound ones that are not empty; `faults` says what is wrong with the others ("" stands
    for names that cannot be repeated in a message); `in_query` names all that came in the query string.
    """

    values: Mapping[str, str]
    faults: Mapping[str, ParameterFault]
    in_query: frozenset[str]

    def get(self, name: str) -> str | None:
        """Return the one sound value, None when the parameter is absent, empty or faulty."""
        return self.values.get(name)

    def __contains__(self, name: object) -> bool:
        """Whether a sound, non-empty value came."""
        return name in self.values


def parse_parameters(query_string: bytes, body: bytes | None, content_type: str | None) -> Parameters:
    """Read the query and the form body as one set of parameters, each name at most once.

    `body` is None for a request without one. Raises UnreadableParametersError when the whole is too large,
    holds too many parameters, or the body is not a form.
    """
    body = body or b""
    if len(query_string) + len(body) > LARGEST_REQUEST:
        raise UnreadableParametersError(f"expected at most {LARGEST_REQUEST} bytes")
    if body and not _is_form(content_type):
        raise UnreadableParametersError(f"expected {FORM}, got {content_type!r}")
    in_query, in_body = _pairs(query_string), _pairs(body)
    if len(in_query) + len(in_body) > MOST_PARAMETERS:
        raise UnreadableParametersError(f"expected at most {MOST_PARAMETERS} parameters")
    values: dict[str, str] = {}
    faults: dict[str, ParameterFault] = {}
    seen: set[str] = set()
    for pair in (*in_query, *in_body):
        if pair.fault is None and pair.name in seen:
            faults[pair.name] = ParameterFault.REPEATED
            values.pop(pair.name, None)
        elif pair.fault is not None:
            faults.setdefault(pair.name, pair.fault)
            values.pop(pair.name, None)
        elif pair.value:
            values[pair.name] = pair.value
        seen.add(pair.name)
    return Parameters(
        values=MappingProxyType(values),
        faults=MappingProxyType(faults),
        in_query=frozenset(pair.name for pair in in_query),
    )


def _is_form(content_type: str | None) -> bool:
    media_type, _, parameter = (content_type or "").partition(";")
    if media_type.strip().lower() != FORM:
        return False
    name, _, charset = parameter.strip().lower().partition("=")
    return name != "charset" or charset.strip('"') == "utf-8"


def _pairs(encoded: bytes) -> list[_Pair]:
    # Cut before decoding, so that a hundred thousand ampersands cost no more than the limit.
    pieces = encoded.split(b"&", MOST_PARAMETERS + 1)
    return [_pair(piece) for piece in pieces if piece]


def _pair(piece: bytes) -> _Pair:
    encoded_name, _, encoded_value = piece.partition(b"=")
    name, name_fault = _decoded(encoded_name, LONGEST_NAME)
    if name_fault is not None:
        return _Pair("", "", name_fault)
    return _Pair(name, *_decoded(encoded_value, LONGEST_VALUE))


def _decoded(encoded: bytes, longest: int) -> tuple[str, ParameterFault | None]:
    if _BROKEN_ESCAPE.search(encoded):
        return "", ParameterFault.WRONGLY_ENCODED
    try:
        text = unquote_to_bytes(encoded.replace(b"+", b" ")).decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        return "", ParameterFault.WRONGLY_ENCODED
    if len(text) > longest:
        return "", ParameterFault.TOO_LONG
    if _CONTROL_CHARACTER.search(text):
        return "", ParameterFault.CONTROL_CHARACTER
    return text, None
