"""A provider learns nothing about the service: two services' sign-ins look the same to it (attack A-PR-02)."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from tests.browser.conftest import NewPerson
from tests.browser.federation import FISHING, LIBRARY, Federation, Received
from tests.browser.person import somebody

ESSENTIAL = {"id_token": {"acr": {"essential": True, "values": ["urn:countersign:level:medium.medium"]}}}
AT_MEDIUM = urlencode({"acr_values": "", "claims": json.dumps(ESSENTIAL)})
"""A level that both services insist on, although one of them is registered for less."""

FRESH_VALUES = frozenset({"state", "nonce", "code_challenge", "code", "code_verifier"})
FRESH_CLAIMS = frozenset({"jti", "iat", "exp", "nbf"})
Pairs = list[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Shape:
    """A request with every value that is new each time replaced by its length."""

    method: str
    path: str
    query: Pairs
    headers: Pairs
    body: Pairs


def _shape(request: Received) -> Shape:
    parts = urlsplit(request.url)
    return Shape(
        method=request.method,
        path=f"{parts.netloc}{parts.path}",
        query=_pairs(parts.query),
        headers=[(name, len(value) if name == "Authorization" else value) for name, value in request.headers],
        body=_pairs(request.body),
    )


def _pairs(text: str) -> Pairs:
    return [(name, _steady(name, value)) for name, value in parse_qsl(text, keep_blank_values=True)]


def _steady(name: str, value: str) -> object:
    if name in FRESH_VALUES:
        return len(value)
    if name == "client_assertion":
        header, claims, _ = value.split(".")
        stays = {claim: it for claim, it in _decoded(claims).items() if claim not in FRESH_CLAIMS}
        return _decoded(header), stays
    return value


def _decoded(part: str) -> dict[str, object]:
    decoded: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def _everything_readable(request: Received) -> str:
    """All that a curious provider could read: as it came, unquoted, and what lies behind base64."""
    text = f"{request.url} {request.headers} {request.body}"
    values = [value for _, value in parse_qsl(f"{urlsplit(request.url).query}&{request.body}")]
    pieces = [piece for value in values for piece in value.split(".")]
    return " ".join([text, unquote(text), *(_behind_base64(piece) for piece in pieces)]).lower()


def _behind_base64(piece: str) -> str:
    try:
        return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)).decode("utf-8", "replace")
    except ValueError:
        return ""


def _sign_in(
    federation: Federation, new_person: NewPerson, persona: str, service: str, query: str
) -> tuple[list[Received], str]:
    person = new_person(federation, persona)
    federation.forget_received("northgate")
    person.start(service, query)
    reference = person.reference()
    person.choose()
    person.sign_in()
    person.decide()
    assert person.is_at(service)
    return federation.received_by("northgate"), reference


def test_a_provider_cannot_tell_two_services_apart_a_pr_02(
    separate_sites: Federation, new_person: NewPerson
) -> None:
    _sign_in(separate_sites, new_person, somebody(), FISHING, AT_MEDIUM)  # what is fetched once, is now
    persona = somebody()
    licence, first = _sign_in(separate_sites, new_person, persona, FISHING, AT_MEDIUM)
    card, second = _sign_in(separate_sites, new_person, persona, LIBRARY, AT_MEDIUM)

    for one, other in zip(licence, card, strict=True):
        assert asdict(_shape(one)) == asdict(_shape(other))
    assert [(it.method, it.path.partition("/")[2]) for it in map(_shape, licence)] == [
        ("GET", "authorize"),
        ("POST", "sign-in"),
        ("POST", "token"),
        ("GET", "userinfo"),
    ]
    names = ["fishing", "licence", "rivers", "library", "libraries", first.lower(), second.lower()]
    ports = [f":{urlsplit(url).port}" for url in separate_sites.services.values()]
    for request in (*licence, *card):
        readable = _everything_readable(request)
        assert [word for word in (*names, *ports) if word in readable] == []
        assert not any(name.lower() == "referer" for name, _ in request.headers)


def test_what_is_new_each_time_is_new_for_the_same_person_and_service(
    separate_sites: Federation, new_person: NewPerson
) -> None:
    persona = somebody()
    once, _ = _sign_in(separate_sites, new_person, persona, FISHING, AT_MEDIUM)
    again, _ = _sign_in(separate_sites, new_person, persona, LIBRARY, AT_MEDIUM)

    for one, other in zip(once, again, strict=True):
        values = dict(parse_qsl(urlsplit(one.url).query + "&" + one.body))
        others = dict(parse_qsl(urlsplit(other.url).query + "&" + other.body))
        assert all(values[name] != others[name] for name in FRESH_VALUES & values.keys())


def test_another_level_shows_as_the_level_alone(separate_sites: Federation, new_person: NewPerson) -> None:
    persona = somebody()
    medium, _ = _sign_in(separate_sites, new_person, persona, FISHING, AT_MEDIUM)
    low, _ = _sign_in(separate_sites, new_person, persona, LIBRARY, "acr_values=")

    asked_medium, asked_low = _shape(medium[0]), _shape(low[0])
    assert [name for name, _ in asked_medium.query] == [name for name, _ in asked_low.query]
    differing = {
        name
        for (name, value), (_, other) in zip(asked_medium.query, asked_low.query, strict=True)
        if value != other
    }
    assert differing == {"acr_values"}
