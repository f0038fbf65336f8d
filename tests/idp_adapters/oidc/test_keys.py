"""Published keys: found by kid, refreshed once, and never because somebody floods us with names (A-OP-05)."""

from __future__ import annotations

import threading
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from idp_adapters.errors import IdentityProviderError, ProviderUnavailableError, UntrustedAnswerError
from idp_adapters.json_object import JsonObject
from idp_adapters.oidc.keys import (
    FRESH_FOR,
    KEPT_AT_MOST_FOR,
    REFRESH_AT_MOST_EVERY,
    ProviderKeys,
    parse_key_set,
)
from tests.idp_adapters.oidc.scripted_provider import PROVIDER_KEY, ScriptedProvider, public_jwk

NEW_KEY = ec.generate_private_key(ec.SECP256R1())


class _Source:
    """A key set that a test changes, with a clock."""

    def __init__(self) -> None:
        self.now = 5_000.0
        self.fetches = 0
        self.listed: list[Any] = [public_jwk(PROVIDER_KEY, "one")]
        self.fault: Exception | None = None
        self.keys = ProviderKeys(self._fetch, clock=lambda: self.now)

    def _fetch(self) -> JsonObject:
        self.fetches += 1
        if self.fault is not None:
            raise self.fault
        return {"keys": self.listed}

    def finds(self, kid: str | None, algorithm: str = "ES256") -> bool:
        try:
            self.keys.find(kid=kid, algorithm=algorithm)
        except UntrustedAnswerError:
            return False
        return True


@pytest.fixture
def source() -> _Source:
    return _Source()


def test_a_known_key_is_found_without_fetching_again(source: _Source) -> None:
    assert [source.finds("one") for _ in range(5)] == [True] * 5
    assert source.fetches == 1


def test_a_op_05_a_rotated_key_is_found_by_one_refresh(source: _Source) -> None:
    source.finds("one")
    source.now += REFRESH_AT_MOST_EVERY
    source.listed = [public_jwk(NEW_KEY, "two")]
    assert source.finds("two")
    assert source.fetches == 2
    assert not source.finds("one")


def test_a_op_05_a_flood_of_made_up_names_costs_one_fetch_per_interval(source: _Source) -> None:
    source.finds("one")
    source.now += REFRESH_AT_MOST_EVERY
    for number in range(200):
        assert not source.finds(f"made-up-{number}")
        source.now += 0.01
    assert source.fetches == 2
    assert source.finds("one")


def test_a_op_05_a_sign_in_survives_a_rotation_on_the_way(
    provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.finish()
    monkeypatch.setattr("idp_adapters.oidc.keys.REFRESH_AT_MOST_EVERY", 0.0)
    provider.keys = [public_jwk(NEW_KEY, "idp-2")]
    provider.signing_key, provider.header = NEW_KEY, {"kid": "idp-2"}
    assert provider.finish().subject
    assert provider.calls("jwks") == 2


def test_a_key_that_the_provider_withdrew_stops_counting(source: _Source) -> None:
    source.finds("one")
    source.listed = [public_jwk(NEW_KEY, "two")]
    source.now += FRESH_FOR - 1
    assert source.finds("one")
    source.now += 1
    assert not source.finds("one")


def test_known_keys_outlast_a_short_outage_but_not_a_long_one(source: _Source) -> None:
    source.finds("one")
    source.fault = ProviderUnavailableError("down")
    source.now += FRESH_FOR
    assert source.finds("one")
    source.now += KEPT_AT_MOST_FOR - FRESH_FOR - 1
    assert source.finds("one")
    source.now += 1
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            source.keys.find(kid="one", algorithm="ES256")


def test_a_first_fetch_that_fails_is_tried_again(source: _Source) -> None:
    source.fault = ProviderUnavailableError("down")
    with pytest.raises(ProviderUnavailableError):
        source.keys.find(kid="one", algorithm="ES256")
    source.fault = None
    assert source.finds("one")


def test_many_at_once_fetch_once() -> None:
    started = threading.Event()
    fetches: list[int] = []

    def fetch() -> JsonObject:
        fetches.append(1)
        started.wait(5)
        return {"keys": [public_jwk(PROVIDER_KEY, "one")]}

    keys = ProviderKeys(fetch)
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(keys.find(kid="one", algorithm="ES256")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    started.set()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(fetches) == 1


def test_a_waiting_sign_in_gives_up_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp_adapters.oidc.keys._PATIENCE", 0.05)
    entered, release = threading.Event(), threading.Event()

    def fetch() -> JsonObject:
        entered.set()
        release.wait(5)
        return {"keys": [public_jwk(PROVIDER_KEY, "one")]}

    keys = ProviderKeys(fetch)
    first = threading.Thread(target=lambda: keys.find(kid="one", algorithm="ES256"))
    first.start()
    entered.wait(5)
    with pytest.raises(IdentityProviderError, match="being fetched"):
        keys.find(kid="one", algorithm="ES256")
    release.set()
    first.join()


def test_a_token_without_a_name_fits_only_a_single_key(source: _Source) -> None:
    assert source.finds(None)
    source.listed.append(public_jwk(NEW_KEY, "two"))
    source.now += FRESH_FOR
    assert not source.finds(None)


def test_two_keys_of_one_name_are_not_guessed_between(source: _Source) -> None:
    source.listed.append(public_jwk(NEW_KEY, "one"))
    assert not source.finds("one")


@pytest.mark.parametrize("kid", ["../../etc/passwd", "' OR 1=1 --", "ONE", "one ", ""])
def test_an_odd_name_finds_nothing(kid: str, source: _Source) -> None:
    assert not source.finds(kid)


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"use": 7},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"alg": "ES384"},
        {"alg": "none"},
        {"alg": ["ES256"]},
        {"kid": 7},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"crv": ["P-256"]},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EX"},
        {"kty": ["EC"]},
        {"x": "AAAA"},
        {"x": "!!"},
        {"y": 7},
        {"x": ...},
        {"kty": ...},
        {"crv": ...},
    ],
    ids=str,
)
def test_an_unusable_key_is_left_out_and_the_others_still_count(change: dict[str, Any]) -> None:
    changed = public_jwk(PROVIDER_KEY, "bad") | change
    bad = {name: value for name, value in changed.items() if value is not ...}
    good = public_jwk(NEW_KEY, "good")
    assert [key.kid for key in parse_key_set({"keys": [bad, "nonsense", None, good]})] == ["good"]
    with pytest.raises(UntrustedAnswerError, match="no usable"):
        parse_key_set({"keys": [bad]})


def _rsa(bits: int, exponent: int = 65537) -> dict[str, Any]:
    def number(value: int) -> str:
        octets = value.to_bytes((value.bit_length() + 7) // 8)
        return urlsafe_b64encode(octets).rstrip(b"=").decode()

    modulus = (
        rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key().public_numbers().n
        if bits <= 2048
        else (1 << (bits - 1)) | 1
    )
    return {"kty": "RSA", "n": number(modulus), "e": number(exponent), "kid": str(bits)}


@pytest.mark.parametrize(
    ("bits", "exponent"), [(1024, 65537), (2047, 65537), (8200, 65537), (2048, 1), (2048, (1 << 70) + 1)]
)
def test_an_rsa_key_too_short_or_too_costly_is_left_out(bits: int, exponent: int) -> None:
    with pytest.raises(UntrustedAnswerError, match="no usable"):
        parse_key_set({"keys": [_rsa(bits, exponent)]})


def test_an_rsa_key_of_2048_bits_counts() -> None:
    assert parse_key_set({"keys": [_rsa(2048)]})[0].algorithms == {"RS256", "PS256"}


def test_what_else_an_entry_says_has_no_say() -> None:
    entry = public_jwk(PROVIDER_KEY, "one") | {"d": "AAAA", "x5c": [7], "x5u": "https://evil.example"}
    key = parse_key_set({"keys": [entry]})[0].key
    assert not key.is_private
    assert set(key.as_dict()) == {"kty", "crv", "x", "y"}


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": []}, {"keys": [{}] * 101}, {"keys": None}])
def test_a_document_that_is_no_key_set_is_refused(document: JsonObject) -> None:
    with pytest.raises(UntrustedAnswerError, match="key set"):
        parse_key_set(document)
