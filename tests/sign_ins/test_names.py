"""Everybody's name arrives as it is: one name, 300 letters, Welsh, Japanese, composed or decomposed (A-OP-08)."""

from __future__ import annotations

import html
import secrets
from collections.abc import Iterator

import pytest

from tests.builders import a_provider_entry
from tests.citizen import Citizen
from tests.engines.engine import Engine
from tests.relying_service import RelyingService
from tests.running_hub import RunningHub, running_hub
from tests.scripted_provider import Claims, ScriptedProvider, scripted_provider
from tests.web_browser import Browser

PERSONAS = ("mononym", "long-name", "welsh", "non-latin", "unknown-day", "under-18")

# Composed, decomposed, combining marks, right-to-left with its marks, zero-width joiner, apostrophes, spaces kept.
EXACT_NAMES = (
    "Zo\u00eb Sm\u00edth",
    "Zoe\u0308 Smi\u0301th",
    "Ng\u0323\u0302c Anh",
    "\u05d3\u05d5\u05d3 \u200f(\u05d1\u05df)\u200f",
    "\u202eevil\u202c Name",
    "\u0646\u06af\u0627\u0631\u200c\u0646\u0633\u062a\u0631\u0646",
    'O\u2019Neill-D\'Arcy "Bob" <b>',
    "  Leading  and   double  ",
    "\U0001d4d0\U0001d4b7 \u5c71\u7530",
    "X \u00c6 A-Xii & Co; DROP TABLE people --",
)
REFUSED_NAMES = ("Nul\0Name", "Half \ud83d surrogate", "x" * 2001, ["A", "list"], 17, {"first": "A"})


@pytest.mark.parametrize("persona", PERSONAS)
def test_a_op_08_names_and_addresses_arrive_exactly_and_are_shown(
    hub: RunningHub, archive: RelyingService, persona: str
) -> None:
    citizen = Citizen(hub, persona)
    asked = archive.ask(prompt="consent")

    agreement = citizen.until_agreement(asked)
    signed_in = archive.finish(hub.issuer, asked, citizen.decide(agreement))

    known = citizen.person.claims
    assert str(known["name"]) in html.unescape(agreement.text)
    for claim in ("name", "given_name", "family_name", "birthdate", "address", "email"):
        assert signed_in.userinfo.get(claim) == known.get(claim), claim


@pytest.fixture(scope="module")
def scripted(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, archive: RelyingService
) -> Iterator[tuple[RunningHub, ScriptedProvider]]:
    with scripted_provider() as provider:
        entry = a_provider_entry("scripted", issuer=provider.issuer)
        with running_hub(
            tmp_path_factory.mktemp("names"),
            services=[archive.entry()],
            providers={},
            other_providers=[entry],
            environment=engine.new_home(),
        ) as hub:
            yield hub, provider


def somebody_called(scripted: tuple[RunningHub, ScriptedProvider], said: Claims | bytes) -> Citizen:
    hub, provider = scripted
    provider.subject, provider.userinfo = secrets.token_hex(8), said
    provider.id_token, provider.id_token_as_it_is = {}, None
    return Citizen(hub, browser=Browser({hub.issuer, provider.issuer}))


@pytest.mark.parametrize("name", EXACT_NAMES)
def test_a_op_08_a_name_belongs_to_its_bearer_and_is_not_normalised(
    scripted: tuple[RunningHub, ScriptedProvider], archive: RelyingService, name: str
) -> None:
    citizen = somebody_called(scripted, {"name": name, "family_name": name})
    asked = archive.ask()

    agreement = citizen.until_agreement(asked, provider="scripted")
    signed_in = archive.finish(citizen.hub.issuer, asked, citizen.decide(agreement))

    assert signed_in.userinfo["name"] == name
    assert signed_in.userinfo["family_name"] == name
    assert "<b>" not in agreement.text


@pytest.mark.parametrize("name", REFUSED_NAMES, ids=repr)
def test_a_op_08_what_is_no_name_is_refused_whole(
    scripted: tuple[RunningHub, ScriptedProvider], archive: RelyingService, name: object
) -> None:
    citizen = somebody_called(scripted, {"name": name})

    page = citizen.until_agreement(archive.ask(), provider="scripted")

    assert page.outcome == ("provider_error", "provider")


@pytest.mark.parametrize(
    "said",
    [
        b"[" * 10_000,
        b'{"sub": ' * 5_000,
        b'{"name": "' + b"x" * 1_500_000 + b'"}',
        b"\xff\xfe\x00",
        b"null",
        b'{"sub": "a", "sub": "b"}',
        b"<html></html>",
    ],
    ids=["deep list", "deep object", "1.5 MB", "not UTF-8", "null", "twice", "html"],
)
def test_a_op_07_an_answer_that_cannot_be_read_fails_quickly_and_plainly(
    scripted: tuple[RunningHub, ScriptedProvider], archive: RelyingService, said: bytes
) -> None:
    citizen = somebody_called(scripted, said)

    page = citizen.until_agreement(archive.ask(), provider="scripted")

    assert page.status == 200
    assert page.outcome == ("provider_error", "provider")


@pytest.mark.parametrize(
    "said",
    [
        {"acr": None, "amr": ["hwk", "mfa", "fpt"]},
        {"acr": "urn:example:x509:class3"},
        {"acr": "phr"},
        {"acr": "http://eidas.europa.eu/NotNotified/LoA/high"},
        {"acr": "http://eidas.europa.eu/LoA/high"},
        {"acr": ["urn:example:northgate:medium"]},
        {"acr": 3},
        {"acr": None, "vot": "P2.Cl.Cm", "email_verified": True},
    ],
    ids=str,
)
def test_a_as_06_a_strong_sign_in_or_a_foreign_scheme_is_no_strong_identity(
    scripted: tuple[RunningHub, ScriptedProvider], archive: RelyingService, said: Claims
) -> None:
    citizen = somebody_called(scripted, {"name": "Strong Sign-In", "email_verified": True})
    scripted[1].id_token = said

    page = citizen.until_agreement(archive.ask(), provider="scripted")

    assert page.outcome[0] in {"identity_not_proved", "provider_error"}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "a.b.c.d.e",
        "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiemlwIjoiREVGIn0.x.x.x.x",
    ],
)
def test_a_uo_07_an_encrypted_or_broken_id_token_ends_like_any_other_fault(
    scripted: tuple[RunningHub, ScriptedProvider], archive: RelyingService, token: str
) -> None:
    citizen = somebody_called(scripted, {})
    scripted[1].id_token_as_it_is = token or "."

    page = citizen.until_agreement(archive.ask(), provider="scripted")

    assert page.outcome == ("provider_error", "provider")
