"""The public keys of relying services."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey

from broker.oidc.client_keys import (
    OLDEST_SET,
    REFETCH_PAUSE,
    REFRESH_AFTER,
    RETRY_PAUSE,
    ClientKeys,
    KeysUnavailableError,
    UnreadableKeySetError,
    parse_key_set,
)
from config.federation import RelyingService
from tests.broker.builders import NOW, a_service
from tests.broker.oidc.signers import EC_KEY, ED_KEY, OTHER_EC_KEY, RSA_KEY, jwks_of, weak_rsa_jwk

ADDRESS = "https://rivers.example/jwks"
SERVICE = a_service(client_authentication={"method": "private_key_jwt", "jwks_uri": ADDRESS})


class Publisher:
    """A service that publishes keys, and counts how often it is asked."""

    def __init__(self, document: object) -> None:
        self.document: object | None = document
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if self.document is None:
            raise KeysUnavailableError("connection refused")
        return json.dumps(self.document).encode()


def test_a_published_set_is_read_once_and_kept() -> None:
    publisher = Publisher(jwks_of(EC_KEY))
    keys = ClientKeys(publisher)
    assert keys.find(SERVICE, "ec-1", "ES256", NOW) is not None
    assert keys.find(SERVICE, "ec-1", "ES256", NOW + REFRESH_AFTER - timedelta(seconds=1)) is not None
    assert publisher.asked == [ADDRESS]
    keys.find(SERVICE, "ec-1", "ES256", NOW + REFRESH_AFTER)
    assert len(publisher.asked) == 2


def test_an_unknown_kid_makes_the_set_be_read_again_but_not_often() -> None:
    publisher = Publisher(jwks_of(EC_KEY))
    keys = ClientKeys(publisher)
    keys.find(SERVICE, "ec-1", "ES256", NOW)
    publisher.document = jwks_of(EC_KEY, OTHER_EC_KEY)
    for second in range(30):
        assert keys.find(SERVICE, "ec-2", "ES256", NOW + timedelta(seconds=second)) is None
    assert len(publisher.asked) == 1
    assert keys.find(SERVICE, "ec-2", "ES256", NOW + REFETCH_PAUSE) is not None
    for _ in range(30):
        assert keys.find(SERVICE, "nonsense", "ES256", NOW + REFETCH_PAUSE) is None
    assert len(publisher.asked) == 2


def test_a_key_that_was_taken_back_stops_working() -> None:
    publisher = Publisher(jwks_of(EC_KEY, OTHER_EC_KEY))
    keys = ClientKeys(publisher)
    keys.find(SERVICE, "ec-2", "ES256", NOW)
    publisher.document = jwks_of(EC_KEY)
    assert keys.find(SERVICE, "ec-2", "ES256", NOW + REFRESH_AFTER) is None


def test_an_address_that_does_not_answer_does_not_lock_a_service_out_at_once() -> None:
    publisher = Publisher(jwks_of(EC_KEY))
    keys = ClientKeys(publisher)
    keys.find(SERVICE, "ec-1", "ES256", NOW)
    publisher.document = None
    assert keys.find(SERVICE, "ec-1", "ES256", NOW + OLDEST_SET - timedelta(seconds=1)) is not None
    assert keys.find(SERVICE, "ec-1", "ES256", NOW + OLDEST_SET + RETRY_PAUSE) is None


def test_an_address_that_was_not_up_yet_is_asked_again_soon() -> None:
    publisher = Publisher(None)
    keys = ClientKeys(publisher)
    assert keys.find(SERVICE, "ec-1", "ES256", NOW) is None
    publisher.document = jwks_of(EC_KEY)
    assert keys.find(SERVICE, "ec-1", "ES256", NOW + RETRY_PAUSE - timedelta(seconds=1)) is None
    assert len(publisher.asked) == 1
    assert keys.find(SERVICE, "ec-1", "ES256", NOW + RETRY_PAUSE) is not None


def test_many_at_once_ask_once() -> None:
    publisher = Publisher(jwks_of(EC_KEY))
    keys = ClientKeys(publisher)
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(keys.find(SERVICE, "ec-1", "ES256", NOW)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert None not in found
    assert len(publisher.asked) == 1


def test_registered_keys_are_never_fetched() -> None:
    publisher = Publisher(jwks_of(OTHER_EC_KEY))
    service = a_service(client_authentication={"method": "private_key_jwt", "jwks": jwks_of(EC_KEY)})
    keys = ClientKeys(publisher)
    assert keys.find(service, "ec-1", "ES256", NOW) is not None
    assert keys.find(service, "ec-2", "ES256", NOW + timedelta(days=1)) is None
    assert publisher.asked == []


def test_a_ca_02_keys_end_with_the_registration_that_named_them() -> None:
    publisher = Publisher(jwks_of(EC_KEY))
    keys = ClientKeys(publisher)

    def registered(**authentication: object) -> RelyingService:
        return a_service(client_authentication={"method": "private_key_jwt", **authentication})

    assert keys.find(registered(jwks=jwks_of(OTHER_EC_KEY)), "ec-2", "ES256", NOW) is not None
    replaced = registered(jwks=jwks_of(ED_KEY))
    assert keys.find(replaced, "ec-2", "ES256", NOW) is None
    assert keys.find(replaced, "ed-1", "EdDSA", NOW) is not None
    assert keys.find(registered(jwks_uri=ADDRESS), "ed-1", "EdDSA", NOW) is None
    assert keys.find(registered(jwks_uri=ADDRESS), "ec-1", "ES256", NOW) is not None
    assert keys.find(registered(jwks_uri=f"{ADDRESS}/new"), "ec-1", "ES256", NOW) is not None
    assert publisher.asked == [ADDRESS, f"{ADDRESS}/new"]


def test_a_op_06_an_address_that_hangs_holds_only_the_thread_that_asks_it() -> None:
    hanging, let_go = threading.Event(), threading.Event()
    publisher = Publisher(jwks_of(EC_KEY))

    def fetch(url: str) -> bytes:
        if publisher.asked:
            hanging.set()
            let_go.wait(timeout=10)
        return publisher(url)

    keys = ClientKeys(fetch)
    keys.find(SERVICE, "ec-1", "ES256", NOW)
    asking = threading.Thread(target=lambda: keys.find(SERVICE, "ec-1", "ES256", NOW + REFRESH_AFTER))
    asking.start()
    try:
        assert hanging.wait(timeout=10)
        assert keys.find(SERVICE, "ec-1", "ES256", NOW + REFRESH_AFTER) is not None
        assert publisher.asked == [ADDRESS]
    finally:
        let_go.set()
        asking.join()
    assert len(publisher.asked) == 2


def test_keys_are_public_only() -> None:
    keys = ClientKeys(Publisher(jwks_of(EC_KEY)))
    found = keys.find(SERVICE, "ec-1", "ES256", NOW)
    assert found is not None
    assert not found.is_private


def test_a_key_without_kid_is_known_by_its_thumbprint() -> None:
    members = EC_KEY.as_dict(private=False)
    del members["kid"]
    (key,) = parse_key_set(json.dumps({"keys": [members]}).encode())
    assert key.kid == ECKey.import_key(members).thumbprint()


UNUSABLE: dict[str, object] = {
    "private": EC_KEY.as_dict(private=True),
    "symmetric": OctKey.generate_key(256, {"kid": "o"}).as_dict(),
    "weak": weak_rsa_jwk(),
    "for encryption": {**RSA_KEY.as_dict(private=False), "use": "enc"},
    "for agreement": OKPKey.generate_key("X25519", {"kid": "x"}).as_dict(private=False),
    "for another operation": {**EC_KEY.as_dict(private=False), "key_ops": ["encrypt"]},
    "for another algorithm": {**EC_KEY.as_dict(private=False), "alg": "ES512"},
    "another curve": ECKey.generate_key("P-521", {"kid": "p"}).as_dict(private=False),
    "unknown type": {"kty": "AKP", "kid": "a"},
    "broken": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "b"},
    "not an object": 5,
    "nothing": None,
}


@pytest.mark.parametrize("members", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_a_key_that_is_not_for_verifying_is_passed_over(members: object) -> None:
    document = json.dumps({"keys": [members, ED_KEY.as_dict(private=False)]}).encode()
    assert [key.kid for key in parse_key_set(document)] == ["ed-1"]


def test_of_two_keys_with_one_kid_neither_counts() -> None:
    twin = {**OTHER_EC_KEY.as_dict(private=False), "kid": "ec-1"}
    document = json.dumps({"keys": [EC_KEY.as_dict(private=False), twin]}).encode()
    assert parse_key_set(document) == ()


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b"\xff",
        b"[" * 5000,
        b'{"keys":' + json.dumps([{}] * 51).encode() + b"}",
    ],
)
def test_what_is_not_a_key_set_is_refused(document: bytes) -> None:
    with pytest.raises(UnreadableKeySetError):
        parse_key_set(document)


MEMBERS = st.dictionaries(
    st.sampled_from(["kty", "kid", "use", "alg", "crv", "x", "y", "n", "e", "d", "k", "x5c", "key_ops"]),
    st.none() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=4), max_size=2)
    | st.sampled_from(["EC", "RSA", "OKP", "P-256", "Ed25519", "sig"]),
)  # fmt: skip


@given(st.lists(MEMBERS | st.integers() | st.text(max_size=3), max_size=3))
def test_any_members_are_passed_over_without_harm(keys: list[object]) -> None:
    assert isinstance(parse_key_set(json.dumps({"keys": keys}).encode()), tuple)
