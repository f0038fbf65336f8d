"""Claims of ID token and userinfo become one person's attributes; only the ID token speaks of assurance."""

from __future__ import annotations

from idp_adapters.attributes import read_attributes, read_text
from idp_adapters.errors import UntrustedAnswerError
from idp_adapters.identity import ClaimedAssurance, JsonValue, VerifiedIdentity
from idp_adapters.json_object import JsonObject
from idp_adapters.oidc.id_token import SignedClaims
from idp_adapters.oidc.settings import LevelRequest

# A statement about a value means nothing beside another value.
_STATEMENTS = (("email_verified", "email"), ("phone_number_verified", "phone_number"))
_LONGEST_WORD = 255
_MOST_METHODS = 20


def person(
    provider: str, signed: SignedClaims, userinfo: JsonObject, level_request: LevelRequest
) -> VerifiedIdentity:
    """Return who the provider vouched for; raises `UntrustedAnswerError` for claims of a wrong form."""
    return VerifiedIdentity(
        provider=provider,
        subject=signed.subject,
        attributes=merge(read_attributes(signed.claims), read_attributes(userinfo)),
        assurance=claimed_assurance(signed.claims, level_request),
        authenticated_at=signed.authenticated_at,
        methods=_methods(signed.claims),
        provider_session=_word(signed.claims, "sid"),
        assertion_digest=signed.digest,
    )


def merge(signed: dict[str, JsonValue], told: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Join two sets of attributes; what was signed prevails, and no statement survives without its value."""
    joined = {**told, **signed}
    for statement, subject in _STATEMENTS:
        about = joined.get(subject)
        if statement in signed and signed.get(subject, about) == about and about is not None:
            continue
        if statement in told and told.get(subject) == about and about is not None:
            joined[statement] = told[statement]
        else:
            joined.pop(statement, None)
    return joined


def claimed_assurance(claims: JsonObject, level_request: LevelRequest) -> ClaimedAssurance:
    """Return the level in the provider's own words: `vot` where vectors are asked for, else `acr`."""
    name = "vot" if level_request is LevelRequest.VTR else "acr"
    return ClaimedAssurance(value=_word(claims, name), found_in=f"id_token.{name}")


def _methods(claims: JsonObject) -> tuple[str, ...]:
    given = claims.get("amr")
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > _MOST_METHODS:
        raise UntrustedAnswerError(f"amr is not a list of at most {_MOST_METHODS}")
    return tuple(word for item in given if (word := _word({"amr": item}, "amr")) is not None)


def _word(claims: JsonObject, name: str) -> str | None:
    given = claims.get(name)
    if given is None:
        return None
    text = read_text(name, given)
    if text is not None and (len(text) > _LONGEST_WORD or not text.isprintable()):
        raise UntrustedAnswerError(f"{name} is too long or holds a control character")
    return text
