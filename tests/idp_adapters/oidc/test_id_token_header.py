"""What a token brings along, and what is no token at all (A-UO-06, A-UO-07, A-OP-07)."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import RSAKey

from tests.idp_adapters.oidc.forged_tokens import (
    STRANGER_KEY,
    by_hand,
    es256,
    payload_of,
    refused,
    refused_token,
    segment,
)
from tests.idp_adapters.oidc.scripted_provider import (
    ISSUER,
    ScriptedProvider,
    public_jwk,
)


@pytest.mark.parametrize("kid", [None, "idp-1", "stranger"])
@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
def test_a_uo_06_a_key_that_comes_with_the_token_is_never_used_or_fetched(
    kid: str | None, name: str, provider: ScriptedProvider
) -> None:
    brought: object = {
        "jwk": public_jwk(STRANGER_KEY, "stranger"),
        "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/cert",
        "x5c": ["MIIB"],
    }[name]
    provider.header = {name: brought} if kid is None else {name: brought, "kid": kid}
    provider.signing_key = STRANGER_KEY
    refused(provider, "signature is wrong|no published key")
    asked = {request.url for _, request in provider.heard}
    assert asked <= {f"{ISSUER}/{path}" for path in (".well-known/openid-configuration", "token", "jwks")}


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
def test_a_uo_06_a_key_that_comes_with_a_good_token_is_ignored(name: str, provider: ScriptedProvider) -> None:
    brought: object = {
        "jwk": public_jwk(STRANGER_KEY, "stranger"),
        "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/cert",
        "x5c": ["M" * 3000],
    }[name]
    provider.header = {"kid": "idp-1", name: brought}
    assert provider.finish().subject


@pytest.mark.parametrize(
    ("header", "refused_for"),
    [
        ({"crit": ["urn:example:unknown"], "urn:example:unknown": True}, "crit"),
        ({"crit": ["exp"], "exp": 1}, "crit"),
        ({"crit": []}, "crit"),
        ({"crit": ["b64"], "b64": True}, "b64, crit"),
        ({"crit": ["b64"], "b64": False}, "b64, crit"),
        ({"b64": False}, "b64"),
        ({"zip": "DEF"}, "zip"),
        ({"enc": "A256GCM"}, "enc"),
    ],
)
def test_a_uo_06_a_header_that_changes_the_rules_is_refused(
    header: dict[str, Any], refused_for: str, provider: ScriptedProvider
) -> None:
    whole = {"alg": "ES256", "kid": "idp-1", **header}
    # b64=false signs the payload unencoded; an honest signer of that kind is refused as well.
    refused_token(
        provider, lambda p: by_hand(whole, payload_of(p), es256), rf"header has {refused_for}|cannot be read"
    )


def test_a_signature_by_another_key_of_the_same_name_is_refused(provider: ScriptedProvider) -> None:
    provider.signing_key = STRANGER_KEY
    refused(provider, "signature is wrong")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_changed_in_any_part_is_refused(part: int, provider: ScriptedProvider) -> None:
    def make(provider: ScriptedProvider) -> str:
        parts = provider.sign().split(".")
        middle = len(parts[part]) // 2
        changed = "A" if parts[part][middle] != "A" else "B"
        parts[part] = parts[part][:middle] + changed + parts[part][middle + 1 :]
        return ".".join(parts)

    refused_token(provider, make, "ID token")


# A-UO-07: encryption and nesting.


def test_a_uo_07_an_encrypted_token_is_refused_and_nothing_is_inflated(provider: ScriptedProvider) -> None:
    key = RSAKey.generate_key(2048)
    registry = jwe.JWERegistry(algorithms=["RSA-OAEP", "A128GCM", "DEF"])
    header = {"alg": "RSA-OAEP", "enc": "A128GCM", "zip": "DEF", "cty": "JWT"}
    bomb = jwe.encrypt_compact(header, b" " * 200_000, key, registry=registry)
    assert len(bomb) < 2000
    refused_token(provider, lambda _: bomb, "three parts")


@pytest.mark.parametrize(
    "header",
    [{"cty": "JWT"}, {"typ": "at+jwt"}, {"typ": "logout+jwt"}, {"typ": "application/at+jwt"}, {"typ": 7}],
)
def test_a_uo_07_a_nested_token_or_one_of_another_type_is_refused(
    header: dict[str, Any], provider: ScriptedProvider
) -> None:
    whole = {"alg": "ES256", "kid": "idp-1", **header}
    refused_token(provider, lambda p: by_hand(whole, payload_of(p), es256), "another t|cannot be verified")


def test_a_uo_07_a_token_within_a_token_is_refused(provider: ScriptedProvider) -> None:
    def make(provider: ScriptedProvider) -> str:
        return by_hand({"alg": "ES256", "kid": "idp-1"}, provider.sign().encode(), es256)

    refused_token(provider, make, "payload is not one JSON document")


@pytest.mark.parametrize("kind", ["JWT", "jwt", "application/jwt"])
def test_a_token_may_say_that_it_is_a_jwt(kind: str, provider: ScriptedProvider) -> None:
    provider.header["typ"] = kind
    assert provider.finish().subject


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        "e30.e30.",
        segment(b"[]") + ".e30.AA",
        segment(b'"x"') + ".e30.AA",
        segment(b"null") + ".e30.AA",
        segment(b'{"alg": ["ES256"]}') + ".e30.AA",
        segment(b'{"alg": "ES256", "kid": ["idp-1"]}') + ".e30.AA",
        segment(b'{"alg": "ES256", "kid": "' + b"k" * 256 + b'"}') + ".e30.AA",
        segment(b'{"alg": "ES256", "kid": "idp-1"}') + ".e30.",
        segment(b'{"alg": "ES256", "kid": "idp-1"}') + ".e30.AA",
        segment(b'{"alg": "ES256", "kid": "idp-1"}') + ".e30.A",
        segment(b'{"alg": "ES256", "kid": "idp-1"}') + ".e30." + segment(b"\0" * 64),
        segment(b'{"alg": "ES256", "kid": "idp-1", "crit": 1}') + ".e30.AA",
        segment(b"[" * 10_000) + ".e30.AA",
        segment(b'{"alg": "ES256", "x": ' + b"[" * 5_000) + ".e30.AA",
        segment(b'{"alg": "ES256", "x": "' + b"y" * 20_000 + b'"}') + ".e30.AA",
        segment(b'{"alg": "ES256", "kid": "idp-1"}') + "." + "A" * 140_000 + ".AA",
        segment(b'{"alg": "ES256", "kid": "idp-1"}') + ".e30." + "A" * 2_000,
        segment(zlib.compress(b"x")) + ".e30.AA",
    ],
    ids=range(25),
)
def test_a_op_07_what_is_no_token_is_refused_without_a_trace(token: str, provider: ScriptedProvider) -> None:
    refused_token(provider, lambda _: token, "ID token|JSON|published key")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}x",
        b"[]",
        b"null",
        b'{"sub": "a", "sub": "b"}',
        b'{"exp": NaN}',
        b'{"exp": Infinity}',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"[" * 60_000,
        b'{"a":' * 15_000,
        b'{"exp": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_op_07_a_payload_that_is_no_plain_json_object_is_refused(
    payload: bytes, provider: ScriptedProvider
) -> None:
    refused_token(provider, lambda _: by_hand({"alg": "ES256", "kid": "idp-1"}, payload, es256), "payload is")


def test_the_digest_is_of_the_token_exactly_as_received(provider: ScriptedProvider) -> None:
    departure = provider.begin()
    provider.id_token = provider.sign()
    expected = hashlib.sha256(provider.id_token.encode()).digest()
    assert provider.finish(departure).assertion_digest == expected
