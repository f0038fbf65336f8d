"""What an outcome means for the service that received it, and what the service should do: `/outcomes/{code}`.

Invariant: every outcome that can stand in an `error_uri` is explained, and none of it says more about a
person than the code itself does.
"""

# ruff: noqa: RUF001 -- the pages are written with the apostrophe that people read, not with the one for code.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from broker.outcomes import Outcome, Party
from broker.pages.catalogs import mark


@dataclass(frozen=True, slots=True)
class OutcomeMeaning:
    """One outcome for the people who build and run a service."""

    title: str
    meaning: str
    advice: str


PARTIES: Mapping[Party, str] = MappingProxyType(
    {
        Party.CITIZEN: mark("Citizen"),
        Party.PROVIDER: mark("Provider"),
        Party.SERVICE: mark("Service"),
        Party.HUB: mark("Hub"),
    }
)

_OFFER_OTHER_WAYS = mark(
    "Say plainly that the sign-in did not succeed, and offer the other ways to use your service."
)
_TRY_LATER = mark("Let the person try again in a few minutes, and show other ways to use your service.")

OUTCOME_MEANINGS: Mapping[Outcome, OutcomeMeaning] = MappingProxyType(
    {
        Outcome.COMPLETED: OutcomeMeaning(
            mark("The sign-in was completed"),
            mark("The person was identified at a level that your service accepts, and agreed to share."),
            mark("Redeem the code at once, and check the ID token, its level included."),
        ),
        Outcome.CANCELLED_BY_CITIZEN: OutcomeMeaning(
            mark("The person cancelled"),
            mark("The person stopped at the hub or at the provider. Nothing was shared."),
            mark("Offer to start again. Do not treat it as a sign of fraud."),
        ),
        Outcome.REFUSED_BY_CITIZEN: OutcomeMeaning(
            mark("The person refused to share"),
            mark(
                "The person was identified, saw what your service asks for, and refused. Nothing was shared."
            ),
            mark(
                "Say what cannot be done without the information, and offer the other ways to use your "
                "service."
            ),
        ),
        Outcome.IDENTITY_NOT_PROVED: OutcomeMeaning(
            mark("The provider could not prove the identity"),
            mark("The checks at the provider failed. The hub is not told why, and neither are you."),
            _OFFER_OTHER_WAYS,
        ),
        Outcome.LEVEL_NOT_REACHED: OutcomeMeaning(
            mark("The level that was asked for was not reached"),
            mark(
                "The provider answered, but below the level that you asked for or are registered with, on "
                "one of the two axes."
            ),
            mark(
                "Do not ask again for the same level at once. If a lower level is enough for you, have it "
                "registered as acceptable."
            ),
        ),
        Outcome.NO_ELIGIBLE_PROVIDER: OutcomeMeaning(
            mark("No provider could be offered"),
            mark(
                "No provider that is open and certified now, and that your registration allows, reaches the "
                "level you asked for."
            ),
            mark("Check the level and the list of providers in your registration, and offer other ways."),
        ),
        Outcome.PROVIDER_UNAVAILABLE: OutcomeMeaning(
            mark("The provider did not answer"),
            mark("The provider could not be reached, or did not answer in time."),
            _TRY_LATER,
        ),
        Outcome.PROVIDER_BUSY: OutcomeMeaning(
            mark("The provider was too busy"),
            mark("The provider had as many calls in progress as the hub allows it."),
            _TRY_LATER,
        ),
        Outcome.PROVIDER_ERROR: OutcomeMeaning(
            mark("The provider’s answer could not be used"),
            mark(
                "The answer failed a check: signature, audience, time, replay or form. The hub threw it away."
            ),
            mark("There is nothing to change on your side. If it goes on, give us a reference."),
        ),
        Outcome.PROVIDER_SUSPENDED: OutcomeMeaning(
            mark("The provider is suspended"),
            mark(
                "The scheme’s operator has suspended the provider. Sign-ins in progress with it are ended "
                "too."
            ),
            mark("Let the person start again and choose another provider."),
        ),
        Outcome.PROVIDER_BLOCKED_BY_CITIZEN: OutcomeMeaning(
            mark("The person has blocked the provider"),
            mark("The owner of the account told the hub to take no sign-ins from this provider."),
            mark("Let the person start again and choose another provider."),
        ),
        Outcome.DIFFERENT_PERSON: OutcomeMeaning(
            mark("Another person answered"),
            mark(
                "You asked for a certain person, or for a fresh sign-in of one, and another person signed in."
            ),
            mark("End your own session for the first person before you start again."),
        ),
        Outcome.SERVICE_REQUEST_INVALID: OutcomeMeaning(
            mark("Your request was invalid"),
            mark(
                "The request broke the standard or went beyond your registration. The description says how."
            ),
            mark("Correct the request. The same one will always get the same answer."),
        ),
        Outcome.EXPIRED: OutcomeMeaning(
            mark("The sign-in ran out of time"),
            mark("The person did not finish within 3 hours, or came back after the end."),
            mark("Let the person start again with a new request."),
        ),
        Outcome.HUB_ERROR: OutcomeMeaning(
            mark("The hub failed"),
            mark("Something went wrong at the hub. Nothing was shared."),
            mark("Let the person try again in a few minutes. If it goes on, give us a reference."),
        ),
    }
)
