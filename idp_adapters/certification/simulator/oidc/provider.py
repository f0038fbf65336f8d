"""What the simulated provider decides, without a word of HTTP: sign in, redeem a code, tell about a person.

A code is spent by the first look at it that gets past client authentication, right or wrong; RFC 6749 §4.1.2.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from idp_adapters.certification.simulator.oidc.authorization_request import Prompt
from idp_adapters.certification.simulator.oidc.client_authentication import (
    ClientAuthentication,
    parse_credentials,
)
from idp_adapters.certification.simulator.oidc.errors import (
    AuthorizationError,
    BearerError,
    CancelledError,
    InvalidGrantError,
    InvalidTokenRequestError,
    LoginRequiredError,
    NotProvedError,
    UnsupportedGrantTypeError,
)
from idp_adapters.certification.simulator.oidc.grant import Grant, SignIn
from idp_adapters.certification.simulator.oidc.id_token import LIFETIME, generate_signing_keys, mint_id_token
from idp_adapters.certification.simulator.oidc.levels import FRAUD_ACR
from idp_adapters.certification.simulator.oidc.outcomes import Outcome
from idp_adapters.certification.simulator.oidc.shelf import Shelf
from idp_adapters.certification.simulator.oidc.userinfo import userinfo
from idp_adapters.certification.simulator.personas import person, withheld_person

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from idp_adapters.certification.simulator.oidc.authorization_request import (
        AuthorizationRequest,
        ReturnAddress,
    )
    from idp_adapters.certification.simulator.oidc.options import StubOptions
    from idp_adapters.certification.simulator.oidc.parameters import Parameters

CODE_LIFETIME: Final = timedelta(minutes=1)
SESSION_LIFETIME: Final = timedelta(hours=1)
# An earlier response is replayed only while nothing but its nonce can be wrong with it.
REPLAYABLE_FOR: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Where to send the browser, and the session that it now has here, if somebody signed in."""

    location: str
    session: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResponse:
    """What the token endpoint should say, and the outcome, which may be to say it badly."""

    document: Mapping[str, object]
    outcome: Outcome


class SimulatedProvider:
    """One provider's keys, sessions, codes and tokens, in memory."""

    def __init__(self, issuer: str, options: StubOptions) -> None:
        """Start with new keys and nobody signed in."""
        self.issuer = issuer
        self.options = options
        self.keys = generate_signing_keys()
        self._clients = ClientAuthentication(issuer, options)
        self._sessions: Shelf[SignIn] = Shelf(capacity=10_000)
        self._codes: Shelf[Grant] = Shelf(capacity=10_000)
        self._access_tokens: Shelf[Grant] = Shelf(capacity=10_000)
        self._earlier_responses: Shelf[Mapping[str, object]] = Shelf(capacity=10_000)
        self._redirect_uris: Shelf[str] = Shelf(capacity=1_000)

    def answer_silently(self, request: AuthorizationRequest, session: str, *, now: datetime) -> Answer | None:
        """Answer for somebody signed in already, or give None when the sign-in page is due.

        The page is always due without `prompt=none`, so that a persona can be chosen, unless the option
        `silent_sign_in` is on. Raises `LoginRequiredError`.
        """
        sign_in = self._sessions.look(session, now=now) if session else None
        if sign_in is not None and not _is_recent_enough(sign_in, request, now):
            sign_in = None
        if sign_in is not None and (Prompt.NONE in request.prompt or self.options.silent_sign_in):
            grant = Grant(request=request, sign_in=sign_in, outcome=Outcome.SUCCESS, acr=request.level.acr)
            return Answer(location=self._success(grant, now=now), session=session)
        if Prompt.NONE in request.prompt:
            raise LoginRequiredError("Nobody is signed in here recently enough.")
        return None

    def sign_in(
        self, request: AuthorizationRequest, persona: str, outcome: Outcome, *, now: datetime
    ) -> Answer:
        """Sign the persona in anew and answer as the outcome says.

        Raises `CancelledError`, `NotProvedError`, `UnknownPersonaError`.
        """
        somebody = person(persona, now.date())
        if outcome is Outcome.CANCEL:
            raise CancelledError("The person cancelled the sign-in.")
        if outcome is Outcome.NOT_PROVED:
            raise NotProvedError("The identity could not be proved to the level asked for.")
        if outcome is Outcome.FRAUD:
            somebody = withheld_person(secrets.token_hex(16))
        sign_in = SignIn(person=somebody, authenticated_at=now)
        session = secrets.token_urlsafe(24)
        self._sessions.put(session, sign_in, until=now + SESSION_LIFETIME)
        grant = Grant(request=request, sign_in=sign_in, outcome=outcome, acr=_acr(request, outcome))
        return Answer(location=self._success(grant, now=now), session=session)

    def refuse(self, to: ReturnAddress, error: AuthorizationError) -> Answer:
        """Send the error to the client; RFC 6749 §4.1.2.1, with `iss`; RFC 9207 §2."""
        return Answer(
            location=_with_query(
                to.redirect_uri,
                error=error.code,
                error_description=error.description,
                state=to.state,
                iss=self.issuer,
            )
        )

    def redeem(self, parameters: Parameters, authorization: str, *, now: datetime) -> TokenResponse:
        """Exchange a code for tokens, once. Raises `TokenError`."""
        if parameters.repeats():
            raise InvalidTokenRequestError("A parameter comes more than once.")
        if not parameters.get("grant_type") or not parameters.get("code"):
            raise InvalidTokenRequestError("grant_type and code are required.")
        if parameters.get("grant_type") != "authorization_code":
            raise UnsupportedGrantTypeError("Only grant_type=authorization_code is offered.")
        credentials = parse_credentials(parameters, authorization)
        # Looked at before the client is known, only to find where the client's keys are.
        seen = self._codes.look(parameters.get("code"), now=now)
        redirect_uri = (
            seen.request.to.redirect_uri if seen else self._redirect_uris.look(credentials.subject, now=now)
        )
        client_id = self._clients.authenticate(credentials, redirect_uri=redirect_uri or "", now=now)
        grant = self._codes.take(parameters.get("code"), now=now)
        if grant is None or grant.request.to.client_id != client_id:
            raise InvalidGrantError("The code is unknown, spent, expired or another client's.")
        if parameters.get("redirect_uri") != grant.request.to.redirect_uri:
            raise InvalidGrantError("redirect_uri is not that of the authorization request.")
        if not _fits(parameters.get("code_verifier"), grant.request.code_challenge):
            raise InvalidGrantError("code_verifier does not fit the code_challenge.")
        return TokenResponse(document=self._tokens(grant, now=now), outcome=grant.outcome)

    def userinfo(self, access_token: str, *, now: datetime) -> dict[str, object]:
        """Give the claims that the access token opens. Raises `BearerError`."""
        grant = self._access_tokens.look(access_token, now=now) if access_token else None
        if grant is None:
            raise BearerError("The access token is missing, unknown or expired.")
        return userinfo(grant, now.date())

    def _success(self, grant: Grant, *, now: datetime) -> str:
        code = secrets.token_urlsafe(32)
        to = grant.request.to
        self._codes.put(code, grant, until=now + CODE_LIFETIME)
        self._redirect_uris.put(to.client_id, to.redirect_uri, until=now + SESSION_LIFETIME)
        issuer = f"{self.issuer}/other" if grant.outcome is Outcome.WRONG_RESPONSE_ISSUER else self.issuer
        return _with_query(to.redirect_uri, code=code, state=to.state, iss=issuer)

    def _tokens(self, grant: Grant, *, now: datetime) -> Mapping[str, object]:
        """Issue tokens, or for `replay` repeat what this client got, or could have, for this person.

        The whole response is repeated, so that nothing but the nonce of another journey gives it away.
        """
        whose = f"{grant.request.to.client_id} {grant.sign_in.person.subject}"
        if grant.outcome is Outcome.REPLAY:
            earlier = self._earlier_responses.look(whose, now=now)
            if earlier is not None:
                return earlier
            grant = replace(grant, request=replace(grant.request, nonce=secrets.token_urlsafe(24)))
        access_token = secrets.token_urlsafe(32)
        self._access_tokens.put(access_token, grant, until=now + LIFETIME)
        response = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "scope": " ".join(grant.request.scopes),
            "id_token": mint_id_token(
                grant, issuer=self.issuer, access_token=access_token, keys=self.keys, now=now
            ),
        }
        if grant.outcome in {Outcome.SUCCESS, Outcome.REPLAY}:
            self._earlier_responses.put(whose, response, until=now + REPLAYABLE_FOR)
        return response


def _is_recent_enough(sign_in: SignIn, request: AuthorizationRequest, now: datetime) -> bool:
    if request.demands_new_sign_in:
        return False
    return request.max_age is None or now - sign_in.authenticated_at <= timedelta(seconds=request.max_age)


def _acr(request: AuthorizationRequest, outcome: Outcome) -> str:
    if outcome is Outcome.FRAUD:
        return FRAUD_ACR
    return request.level.acr_one_lower if outcome is Outcome.LOWER_LEVEL else request.level.acr


def _fits(verifier: str, challenge: str) -> bool:
    """Compare the verifier with the S256 challenge; RFC 7636 §4.6."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def _with_query(address: str, **parameters: str) -> str:
    """Add parameters to an address that may have some already; RFC 6749 §3.1.2."""
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{address}{'&' if '?' in address else '?'}{query}"
