"""What this provider can be asked to do: one correct answer, and many answers each wrong in one way.

The table in the simulator's README says what each outcome sends and which attack it stands for.
"""

from __future__ import annotations

from enum import StrEnum, unique

from idp_adapters.certification.simulator.errors import UnknownOutcomeError


@unique
class Outcome(StrEnum):
    """The value of `outcome` on the sign-in page and of the header `X-Stub-Outcome`."""

    SUCCESS = "success"
    # Said in the authorization response.
    CANCEL = "cancel"
    NOT_PROVED = "not-proved"
    # Correct answers about a level or a sign-in that is not good enough.
    LOWER_LEVEL = "lower-level"
    FRAUD = "fraud"
    STALE = "stale"
    # The token endpoint fails as a server fails.
    SLOW = "slow"
    SERVER_ERROR = "server-error"
    GARBAGE = "garbage"
    # The ID token is wrong in one way.
    EXPIRED = "expired"
    WRONG_AUDIENCE = "wrong-audience"
    WRONG_ISSUER = "wrong-issuer"
    REPLAY = "replay"
    FOREIGN_KEY = "foreign-key"
    WRONG_NONCE = "wrong-nonce"
    ALG_NONE = "alg-none"
    # The userinfo endpoint speaks of somebody else.
    USERINFO_OTHER_SUBJECT = "userinfo-other-subject"
    # Beyond the contract: further ways that the attack catalogue names.
    WRONG_RESPONSE_ISSUER = "wrong-response-issuer"
    TRUNCATED = "truncated"
    WRONG_CHARSET = "wrong-charset"
    ENDLESS = "endless"
    MISSING_NONCE = "missing-nonce"
    STRANGER_AUDIENCE = "stranger-audience"
    WRONG_AUTHORIZED_PARTY = "wrong-authorized-party"
    FUTURE_ISSUED = "future-issued"
    PUBLIC_KEY_AS_SECRET = "public-key-as-secret"  # noqa: S105 - the name of an attack, not a secret
    EMBEDDED_KEY = "embedded-key"
    UNKNOWN_CRITICAL = "unknown-critical"


def parse_outcome(value: str) -> Outcome:
    """Read an outcome; none given means `success`. Raises `UnknownOutcomeError`."""
    try:
        return Outcome(value or Outcome.SUCCESS)
    except ValueError as error:
        raise UnknownOutcomeError(
            "This provider knows no such outcome.", detail=f"outcome {value!r:.80}"
        ) from error
