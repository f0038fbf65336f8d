"""The hub as a service sees it: send the citizen away, take the answer, and believe only what was checked.

Authlib's Flask client speaks the code flow (state, nonce, PKCE S256, private_key_jwt); PyJWT checks the ID
token. A sign-in is finished once: its state is forgotten before anything else is done with the answer.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.integrations.flask_client import OAuth, OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from flask import Flask, redirect, session
from joserfc.jwk import ECKey
from werkzeug.wrappers import Response

from broker.demo.client_key import ALGORITHM
from broker.demo.errors import (
    HubAnswerError,
    HubUnreachableError,
    IdTokenKeyError,
    IssuerMismatchError,
    RefusedByHubError,
    StateMismatchError,
    SubjectMismatchError,
)
from broker.demo.id_token import Expected, VerifiedIdToken, verify_id_token
from broker.demo.sessions import IDLE_SECONDS

SCOPE: Final = "openid attributes"
# What `/start` hands on to the hub when its own query says so.
PASSED_ON: Final = (
    "acr_values",
    "claims",
    "login_hint",
    "max_age",
    "prompt",
    "provider_hint",
    "scope",
    "ui_locales",
)
_HUB_TIMEOUT_SECONDS: Final = 10
_ASSERTION_SECONDS: Final = 60
_ERROR_CODE: Final = re.compile(r"[a-z0-9_]{1,64}")
_OUTCOME: Final = re.compile(r"[a-z_]{1,64}")
_JOURNEY: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_NAME: Final = "hub"
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What hub and service agree on about the service; `ca_bundle` is what to trust for TLS."""

    client_id: str
    issuer: str
    redirect_uri: str
    acr_values: tuple[str, ...]
    key: ECKey
    id_token_algorithm: str
    ca_bundle: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A finished sign-in: the checked ID token and the attributes about the same subject."""

    id_token: VerifiedIdToken
    attributes: Mapping[str, Any]


class HubClient:
    """One service's dealings with its hub; needs a Flask request whose session is kept on the server."""

    def __init__(self, app: Flask, registration: Registration) -> None:
        """Set up Authlib's client; nothing is fetched before the first sign-in."""
        self._registration = registration
        issuer = registration.issuer
        oauth: Any = OAuth(app)
        self._authlib: Any = oauth.register(
            name=_NAME,
            client_id=registration.client_id,
            client_secret=registration.key,
            server_metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_auth_methods=[(PrivateKeyJWT.name, self._authenticate)],
            client_kwargs={
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": PrivateKeyJWT.name,
                "default_timeout": _HUB_TIMEOUT_SECONDS,
                "verify": str(registration.ca_bundle) if registration.ca_bundle else True,
                # requests puts REQUESTS_CA_BUNDLE above what a session was told to trust.
                "trust_env": registration.ca_bundle is None,
                # Authlib would call a token that lives for a minute expired from the start.
                "leeway": 0,
            },
        )
        # Authlib forgets a state after an hour; people may be at a provider for longer.
        self._authlib.framework.expires_in = IDLE_SECONDS

    def begin(self, passed_on: Mapping[str, str], now: datetime) -> Response:
        """Send the citizen to the hub's authorization endpoint; OpenID Connect Core 3.1.2.1.

        `passed_on` holds parameters of `PASSED_ON`; an empty value leaves the parameter out of the request.
        Raises HubUnreachableError, HubAnswerError or IssuerMismatchError when discovery fails.
        """
        self._metadata()
        parameters = {"acr_values": " ".join(self._registration.acr_values), "scope": SCOPE, **passed_on}
        chosen = {name: value for name, value in parameters.items() if value}
        chosen["nonce"] = secrets.token_urlsafe(24)
        redirect_uri = self._registration.redirect_uri
        asked: dict[str, Any] = self._authlib.create_authorization_url(redirect_uri, **chosen)
        # Authlib makes and keeps a nonce only when the scope has `openid`, which a test may leave out.
        asked["nonce"] = chosen["nonce"]
        if _SECONDS.fullmatch(chosen.get("max_age", "")):
            asked["signed_in_since"] = now - timedelta(seconds=int(chosen["max_age"]))
        self._authlib.save_authorize_data(redirect_uri=redirect_uri, **asked)
        return redirect(asked["url"], code=303)

    def finish(self, answer: Mapping[str, str], now: datetime) -> SignedIn:
        """Turn the authorization response into a checked sign-in, once.

        Raises a subclass of SignInError; StateMismatchError means that the answer is no business of this
        browser.
        """
        asked = self._claim_state(answer.get("state", ""))
        if answer.get("iss") != self._registration.issuer:
            raise IssuerMismatchError(f"the authorization response names the issuer {answer.get('iss')!r}")
        if "error" in answer:
            raise _refusal(answer, self._registration.issuer)
        if not answer.get("code"):
            raise HubAnswerError("the authorization response has neither code nor error")
        token = self._redeem(answer["code"], asked)
        id_token = self._verify(token, asked, now)
        attributes = self._attributes(token)
        # Without this check one person's attributes could be put beside another's sign-in.
        if attributes.get("sub") != id_token.subject:
            raise SubjectMismatchError("userinfo names another subject than the ID token")
        return SignedIn(id_token=id_token, attributes=attributes)

    def _claim_state(self, state: str) -> dict[str, Any]:
        states = self._authlib.framework
        asked: dict[str, Any] | None = states.get_state_data(session, state) if state else None
        if asked is None:
            raise StateMismatchError("no sign-in of this browser has that state")
        states.clear_state_data(session, state)
        return asked

    def _authenticate(self, client: object, method: str, uri: str, headers: object, body: str) -> object:
        """Add a client assertion for the hub's issuer alone; Authlib would name the token endpoint.

        The claims are made anew for each call, because Authlib writes the `jti` into the dictionary it is
        given.
        """
        signer = PrivateKeyJWT(
            token_endpoint=self._registration.issuer,
            claims={"jti": secrets.token_urlsafe(24), "exp": int(time.time()) + _ASSERTION_SECONDS},
            headers={"kid": self._registration.key.thumbprint()},
            alg=ALGORITHM,
        )
        return signer(client, method, uri, headers, body)

    def _metadata(self) -> Mapping[str, Any]:
        metadata: Mapping[str, Any] = _asking_the_hub(self._authlib.load_server_metadata)
        if metadata.get("issuer") != self._registration.issuer:
            # Authlib keeps what it has fetched; without this the service would never recover.
            self._authlib.server_metadata.clear()
            raise IssuerMismatchError(f"discovery names the issuer {metadata.get('issuer')!r}")
        for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
            if not isinstance(metadata.get(name), str):
                self._authlib.server_metadata.clear()
                raise HubAnswerError(f"discovery lacks {name}")
        return metadata

    def _redeem(self, code: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self._metadata()
        token: Mapping[str, Any] = _asking_the_hub(
            self._authlib.fetch_access_token,
            redirect_uri=asked["redirect_uri"],
            code=code,
            code_verifier=asked["code_verifier"],
        )
        if not isinstance(token.get("id_token"), str) or not isinstance(token.get("access_token"), str):
            raise HubAnswerError("the token response lacks a token")
        return token

    def _verify(self, token: Mapping[str, Any], asked: Mapping[str, Any], now: datetime) -> VerifiedIdToken:
        expected = Expected(
            issuer=self._registration.issuer,
            client_id=self._registration.client_id,
            nonce=asked["nonce"],
            algorithm=self._registration.id_token_algorithm,
            accepted_levels=self._registration.acr_values,
            signed_in_since=asked.get("signed_in_since"),
            access_token=token["access_token"],
        )
        try:
            return verify_id_token(token["id_token"], jwks=self._jwks(), expected=expected, now=now)
        except IdTokenKeyError:
            # The hub may have changed its key since we last looked; look once more and no oftener.
            return verify_id_token(
                token["id_token"], jwks=self._jwks(look_again=True), expected=expected, now=now
            )

    def _jwks(self, *, look_again: bool = False) -> Mapping[str, Any]:
        jwks = _asking_the_hub(self._authlib.fetch_jwk_set, force=look_again)
        if not isinstance(jwks, dict):
            raise HubAnswerError("the key set is no JSON object")
        return jwks

    def _attributes(self, token: Mapping[str, Any]) -> dict[str, Any]:
        answer: requests.Response = _asking_the_hub(
            self._authlib.get, self._metadata()["userinfo_endpoint"], token=token
        )
        if answer.status_code in (401, 403):
            challenge = re.search(r'\berror="([a-z_]{1,64})"', answer.headers.get("WWW-Authenticate", ""))
            raise RefusedByHubError(code=challenge[1] if challenge else "invalid_token", description="")
        return _asking_the_hub(_json_object, answer)


def _refusal(answer: Mapping[str, str], issuer: str) -> RefusedByHubError | HubAnswerError:
    """Read an error response; its `error_uri` counts only when it leads to the hub's own explanations."""
    if not _ERROR_CODE.fullmatch(answer["error"]):
        return HubAnswerError("the error code is no error code")
    error_uri = answer.get("error_uri", "")
    if not error_uri.startswith(f"{issuer}/outcomes/"):
        error_uri = ""
    parts = urlsplit(error_uri)
    outcome = parts.path.rpartition("/")[2]
    journey = parse_qs(parts.query).get("journey", [""])[0]
    return RefusedByHubError(
        code=answer["error"],
        description=answer.get("error_description", ""),
        error_uri=error_uri,
        outcome=outcome if _OUTCOME.fullmatch(outcome) else "",
        journey=journey if _JOURNEY.fullmatch(journey) else "",
    )


def _asking_the_hub(ask: Callable[..., _Answer], *args: object, **kwargs: object) -> _Answer:
    """Call the hub; whatever Authlib and requests raise comes out as one of our errors."""
    try:
        return ask(*args, **kwargs)
    except OAuthError as error:
        code = str(error.error)
        if type(error) is not OAuthError or not _ERROR_CODE.fullmatch(code):
            raise HubAnswerError(f"the hub's answer was not usable: {type(error).__name__}") from error
        raise RefusedByHubError(code=code, description=str(error.description or "")) from error
    except requests.HTTPError as error:
        answer = error.response
        raise HubUnreachableError(f"{answer.status_code} from {urlsplit(answer.url).path}") from error
    except (ValueError, TypeError) as error:
        # Not JSON, or JSON of another shape: Authlib uses what it receives without looking.
        raise HubAnswerError(f"the hub's answer was not usable: {type(error).__name__}") from error
    except requests.RequestException as error:
        raise HubUnreachableError(f"the hub could not be asked: {type(error).__name__}") from error


def _json_object(answer: requests.Response) -> dict[str, Any]:
    """Read a JSON object; raises ValueError for anything else, and HTTPError for an error status."""
    answer.raise_for_status()
    content = answer.json()
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one kind of error for an answer that cannot be read
    return content
