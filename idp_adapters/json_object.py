"""JSON objects from a provider, read in one way only: what two readers could take differently is refused.

UTF-8 without a byte order mark, every member name once, no NaN or Infinity (RFC 8259 §4, §8.1; RFC 7493).
"""

from __future__ import annotations

import json
from typing import NoReturn

from idp_adapters.errors import UntrustedAnswerError

ReceivedJson = bool | int | float | str | list["ReceivedJson"] | dict[str, "ReceivedJson"] | None
"""JSON as it came, null included; a `JsonValue` has been checked and holds no null."""

JsonObject = dict[str, ReceivedJson]


def read_json_object(body: bytes, *, what: str) -> JsonObject:
    """Read one JSON object; `what` names the document in the error's detail, which never quotes it.

    Raises `UntrustedAnswerError` for other JSON, for wrong encodings, and for nesting that only serves to
    exhaust.
    """
    try:
        # Decoded here because json.loads would guess UTF-16 and UTF-32 from the bytes.
        value = _DECODER.decode(body.decode("utf-8"))
    except RecursionError as error:
        raise UntrustedAnswerError(f"{what} is nested too deeply") from error
    except ValueError as error:
        raise UntrustedAnswerError(f"{what} is not one JSON document in UTF-8") from error
    if not isinstance(value, dict):
        raise UntrustedAnswerError(f"{what} is not a JSON object")
    return value


def _each_name_once(members: list[tuple[str, ReceivedJson]]) -> JsonObject:
    read = dict(members)
    if len(read) != len(members):
        message = "a member name is repeated"
        raise ValueError(message)
    return read


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


_DECODER = json.JSONDecoder(object_pairs_hook=_each_name_once, parse_constant=_refuse_constant)
