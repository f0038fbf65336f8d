"""Which claims an access token opens, by scope and by single request; OpenID Connect Core §5.3 to §5.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp_adapters.certification.simulator.oidc.outcomes import Outcome
from idp_adapters.certification.simulator.personas import DEFAULT_PERSONA, Person, person

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from idp_adapters.certification.simulator.oidc.grant import Grant

CLAIMS_BY_SCOPE: Final[Mapping[str, frozenset[str]]] = {
    "profile": frozenset(
        {
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        }
    ),
    "email": frozenset({"email", "email_verified"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
    "address": frozenset({"address"}),
}
# OpenID Connect for Identity Assurance Claims Registration 1.0 §4: no scope stands for them.
IDENTITY_CLAIMS: Final = frozenset(
    {
        "place_of_birth",
        "nationalities",
        "birth_family_name",
        "birth_given_name",
        "birth_middle_name",
        "salutation",
        "title",
        "msisdn",
        "also_known_as",
    }
)
CLAIMS_OFFERED: Final = frozenset({"sub"}).union(*CLAIMS_BY_SCOPE.values()) | IDENTITY_CLAIMS


def userinfo(grant: Grant, today: date) -> dict[str, object]:
    """Give `sub` and what was asked and exists; for `userinfo-other-subject`, somebody else's."""
    subject = grant.sign_in.person
    if grant.outcome is Outcome.USERINFO_OTHER_SUBJECT:
        subject = _somebody_else(subject, today)
    asked = grant.request.claims.userinfo.union(
        *(CLAIMS_BY_SCOPE.get(scope, frozenset()) for scope in grant.request.scopes)
    )
    return {
        **{name: value for name, value in subject.claims.items() if name in asked},
        "sub": subject.subject,
    }


def _somebody_else(signed_in: Person, today: date) -> Person:
    return person("second-complete" if signed_in.persona == DEFAULT_PERSONA else DEFAULT_PERSONA, today)
