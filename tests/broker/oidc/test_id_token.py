"""ID tokens, minted by us and read by others; hints, minted by us and read again."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jose import jwt as python_jose
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from jwt.algorithms import OKPAlgorithm

from broker.key_store import KeyState
from broker.oidc.id_token import IdTokenContent, at_hash, mint_id_token, read_id_token_hint
from broker.oidc.signing_keys import SigningKey, SigningKeyError, SigningKeys
from config.federation import SigningAlgorithm
from idp_adapters.identity import JsonValue
from tests.broker.builders import ISSUER, NOW
from tests.broker.oidc.signers import signed

ES256, RS256, PS256, ED25519 = SigningAlgorithm
GENERATED: dict[SigningAlgorithm, Key] = {
    ES256: ECKey.generate_key("P-256"),
    RS256: RSAKey.generate_key(2048),
    PS256: RSAKey.generate_key(2048),
    ED25519: OKPKey.generate_key("Ed25519"),
}


def a_key(
    algorithm: SigningAlgorithm = ES256,
    state: KeyState = KeyState.ACTIVE,
    **differences: Any,  # noqa: ANN401
) -> SigningKey:
    members: dict[str, Any] = {"kid": f"{algorithm}-1", "key": GENERATED[algorithm]} | differences
    return SigningKey(algorithm=algorithm, state=state, **members)


KEYS = SigningKeys(a_key(algorithm) for algorithm in SigningAlgorithm)


def content(**differences: Any) -> IdTokenContent:  # noqa: ANN401
    members: dict[str, Any] = {
        "issuer": ISSUER,
        "subject": "pairwise",
        "audience": "fishing-licence",
        "acr": "urn:countersign:level:medium.medium",
        "authenticated_at": datetime(2026, 5, 14, 9, 29, tzinfo=UTC),
        "nonce": "the-nonce",
        "session": "the-sid",
        "access_token": "id.secret",
    }
    return IdTokenContent(**(members | differences))


def minted(algorithm: SigningAlgorithm = ES256, **differences: Any) -> str:  # noqa: ANN401
    return mint_id_token(KEYS, content(**differences), algorithm=algorithm, now=NOW)


def unverified(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def published(algorithm: SigningAlgorithm) -> dict[str, Any]:
    return next(key for key in KEYS.public_jwks()["keys"] if key["kid"] == f"{algorithm}-1")


@pytest.mark.parametrize("algorithm", [ES256, RS256, PS256, ED25519])
def test_pyjwt_verifies_the_token_with_the_published_key(algorithm: SigningAlgorithm) -> None:
    token = minted(algorithm)
    assert jwt.get_unverified_header(token) == {"alg": algorithm.value, "typ": "JWT", "kid": f"{algorithm}-1"}
    jws = jwt.PyJWS()
    if algorithm is ED25519:
        # PyJWT knows the algorithm by its older name only (RFC 9864).
        jws.register_algorithm("Ed25519", OKPAlgorithm())
    public = jwt.PyJWK(published(algorithm), algorithm="EdDSA" if algorithm is ED25519 else None).key
    claims = json.loads(jws.decode(token, public, algorithms=[algorithm.value]))
    moment = int(NOW.timestamp())
    assert claims == {
        "iss": ISSUER,
        "sub": "pairwise",
        "aud": "fishing-licence",
        "exp": moment + 300,
        "iat": moment,
        "auth_time": moment - 60,
        "acr": "urn:countersign:level:medium.medium",
        "nonce": "the-nonce",
        "sid": "the-sid",
        "at_hash": at_hash("id.secret", algorithm),
    }


@pytest.mark.parametrize("algorithm", [ES256, RS256])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_python_jose_verifies_the_token_and_its_at_hash(algorithm: SigningAlgorithm) -> None:
    claims = python_jose.decode(
        minted(algorithm),
        published(algorithm),
        algorithms=[algorithm.value],
        audience="fishing-licence",
        issuer=ISSUER,
        access_token="id.secret",
        options={"verify_exp": False},
    )
    assert claims["sub"] == "pairwise"


def test_the_left_half_of_the_hash_binds_the_access_token() -> None:
    half = hashlib.sha256(b"id.secret").digest()[:16]
    assert at_hash("id.secret", ES256) == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert len(base64.urlsafe_b64decode(at_hash("id.secret", ED25519) + "==")) == 32


def test_what_is_not_known_or_not_sent_is_left_out() -> None:
    claims = unverified(minted(authenticated_at=None, nonce=None, session=None, access_token=None))
    assert set(claims) == {"iss", "sub", "aud", "exp", "iat", "acr"}


def test_names_of_any_script_survive() -> None:
    assert unverified(minted(claims={"name": "Siân 王小明"}))["name"] == "Siân 王小明"


PROTOCOL_CLAIMS = ["iss", "sub", "aud", "exp", "iat", "acr", "nonce", "sid", "at_hash", "auth_time"]


@given(st.dictionaries(st.sampled_from(PROTOCOL_CLAIMS), st.text(max_size=3) | st.integers()))
def test_a_released_claim_never_replaces_a_claim_of_the_protocol(claims: dict[str, JsonValue]) -> None:
    assert unverified(minted(claims=claims)) == unverified(minted())
    bare: dict[str, Any] = {"authenticated_at": None, "nonce": None, "session": None, "access_token": None}
    assert unverified(minted(claims=claims, **bare)) == unverified(minted(**bare))


def test_without_a_key_for_the_algorithm_nothing_is_signed() -> None:
    keys = SigningKeys([a_key(ES256), a_key(RS256, KeyState.NEXT)])
    with pytest.raises(SigningKeyError):
        mint_id_token(keys, content(), algorithm=RS256, now=NOW)


def hint(token: str, keys: SigningKeys = KEYS, **differences: str) -> str | None:
    options = {"issuer": ISSUER, "audience": "fishing-licence"} | differences
    read = read_id_token_hint(token, keys=keys, **options)
    return None if read is None else read.subject


def test_an_expired_token_is_a_good_hint() -> None:
    token = mint_id_token(KEYS, content(), algorithm=ES256, now=NOW - timedelta(days=400))
    read = read_id_token_hint(token, keys=KEYS, issuer=ISSUER, audience="fishing-licence")
    assert read is not None
    assert (read.subject, read.session) == ("pairwise", "the-sid")


def test_a_token_signed_by_a_retired_key_is_a_good_hint() -> None:
    assert hint(minted(), SigningKeys([a_key(ES256, KeyState.RETIRED)])) == "pairwise"


def test_a_hint_of_another_client_issuer_or_key_is_none() -> None:
    assert hint(minted(audience="library-card")) is None
    assert hint(minted(), issuer="https://other.example") is None
    assert hint(minted(), SigningKeys([a_key(ES256, kid="other")])) is None
    assert hint(minted(), SigningKeys([a_key(ES256, key=ECKey.generate_key("P-256"))])) is None


def test_an_unsigned_altered_or_otherwise_signed_hint_is_none() -> None:
    head, body, signature = minted().split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT","kid":"ES256-1"}').rstrip(b"=").decode()
    assert hint(f"{none}.{body}.") is None
    assert hint(f"{head}.{body[:-2]}AA.{signature}") is None
    assert hint(f"{head}.{body}.{'A' * len(signature)}") is None
    claims = unverified(minted())
    assert hint(signed(claims, GENERATED[ES256], kid="ES256-1", typ="at+jwt")) is None
    assert hint(signed(claims, GENERATED[RS256], "PS256", kid="RS256-1", typ="JWT")) is None
    assert hint(signed([], GENERATED[ES256], kid="ES256-1", typ="JWT")) is None
    assert (
        hint(signed({**claims, "aud": ["fishing-licence"]}, GENERATED[ES256], kid="ES256-1", typ="JWT"))
        is None
    )
    assert hint(signed({**claims, "sub": 5}, GENERATED[ES256], kid="ES256-1", typ="JWT")) is None


@given(st.text(max_size=60) | st.tuples(st.binary(), st.binary(), st.binary()).map(
    lambda parts: ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
))  # fmt: skip
def test_any_text_is_a_hint_at_nobody(text: str) -> None:
    assert hint(text) is None


def test_only_public_members_are_published_with_kid_use_and_alg() -> None:
    keys = KEYS.public_jwks()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys) == 4
    for key in keys:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys()
        assert key["use"] == "sig"
        assert key["alg"] in {algorithm.value for algorithm in SigningAlgorithm}
    assert json.dumps(keys)


def test_next_and_retired_keys_are_published_and_do_not_sign() -> None:
    keys = SigningKeys(
        [
            a_key(ES256, KeyState.RETIRED, kid="old", key=ECKey.generate_key("P-256")),
            a_key(ES256),
            a_key(ES256, KeyState.NEXT, kid="new", key=ECKey.generate_key("P-256")),
        ]
    )
    assert [key["kid"] for key in keys.public_jwks()["keys"]] == ["ES256-1", "new", "old"]
    assert keys.active(ES256).kid == "ES256-1"
    assert keys.algorithms == (ES256,)


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_an_unfit_key_is_refused_at_the_start() -> None:
    with pytest.raises(SigningKeyError, match="share a kid"):
        SigningKeys([a_key(), a_key(key=ECKey.generate_key("P-256"))])
    with pytest.raises(SigningKeyError, match="no private half"):
        SigningKeys([a_key(key=ECKey.import_key(GENERATED[ES256].as_dict(private=False)))])
    for algorithm, key in (
        (ES256, ECKey.generate_key("P-384")),
        (ES256, GENERATED[RS256]),
        (RS256, RSAKey.generate_key(1024)),
        (ED25519, OKPKey.generate_key("X25519")),
    ):
        with pytest.raises(SigningKeyError, match="does not fit"):
            SigningKeys([a_key(algorithm, key=key)])


def test_no_key_is_shown_when_it_is_printed() -> None:
    assert "key=" not in repr(a_key())
