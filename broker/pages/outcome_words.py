"""What a person reads when a sign-in has ended: what happened, whose part it was, what to do now.

Invariant: every outcome has words, and no words blame the person for what somebody else did. `%(provider)s`
and `%(service)s` stand for names, or for "the provider" and "the service" where no name is known;
`%(Provider)s` and `%(Service)s` begin a sentence.
"""

# ruff: noqa: RUF001 -- the pages are written with the apostrophe that people read, not with the one for code.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from broker.outcomes import Outcome, Party
from broker.pages.catalogs import mark

THE_PROVIDER = mark("the provider")
THE_SERVICE = mark("the service")
# Translators: at the beginning of an English sentence; other languages may want it as in the middle of one.
SENTENCE_PROVIDER = mark("The provider")
SENTENCE_SERVICE = mark("The service")


NO_OTHER_PROVIDER = mark(
    "No other provider can help with this service now. Go back to %(service)s and see whether there is "
    "another way to use it, or try again later."
)
"""What to do next when the words below offer another provider and there is none."""


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """One outcome for the person it happened to."""

    title: str
    happened: str
    next: str


CITIZENS_OWN_CHOICE = frozenset({Outcome.COMPLETED, Outcome.CANCELLED_BY_CITIZEN, Outcome.REFUSED_BY_CITIZEN})
"""Outcomes that are no error, so that the page's title must not call them one."""

OFFERS_ANOTHER_PROVIDER = frozenset(
    {
        Outcome.IDENTITY_NOT_PROVED,
        Outcome.LEVEL_NOT_REACHED,
        Outcome.PROVIDER_UNAVAILABLE,
        Outcome.PROVIDER_BUSY,
        Outcome.PROVIDER_ERROR,
        Outcome.PROVIDER_SUSPENDED,
        Outcome.PROVIDER_BLOCKED_BY_CITIZEN,
    }
)
"""Outcomes whose words tell the person to choose another provider."""

WHERE_IT_STOPPED: Mapping[Party, str] = MappingProxyType(
    {
        Party.CITIZEN: mark("With you, in this browser"),
        Party.PROVIDER: mark("At the provider: %(provider)s"),
        Party.SERVICE: mark("At the service: %(service)s"),
        Party.HUB: mark("Here, at the hub"),
    }
)

WHERE_IT_STOPPED_UNNAMED: Mapping[Party, str] = MappingProxyType(
    {
        **WHERE_IT_STOPPED,
        Party.PROVIDER: mark("At the provider that you chose"),
        Party.SERVICE: mark("At the service that sent you here"),
    }
)

OUTCOME_WORDS: Mapping[Outcome, OutcomeWords] = MappingProxyType(
    {
        Outcome.COMPLETED: OutcomeWords(
            mark("You have signed in"),
            mark("What you agreed to share has been passed on to %(service)s."),
            mark("You can go back to %(service)s."),
        ),
        Outcome.CANCELLED_BY_CITIZEN: OutcomeWords(
            mark("You stopped this sign-in"),
            mark("You chose not to go on. Nothing has been shared with %(service)s."),
            mark("You can go back to %(service)s and start again whenever you like."),
        ),
        Outcome.REFUSED_BY_CITIZEN: OutcomeWords(
            mark("You chose not to share your information"),
            mark("Nothing has been shared with %(service)s."),
            mark("You can go back to %(service)s and see whether there is another way to use it."),
        ),
        Outcome.IDENTITY_NOT_PROVED: OutcomeWords(
            mark("%(Provider)s could not confirm who you are"),
            mark(
                "This happens when details do not match a record, or a document cannot be read. It is not a "
                "decision about you by %(service)s, and nothing has been shared."
            ),
            mark("Another provider checks in other ways and may be able to confirm who you are."),
        ),
        Outcome.LEVEL_NOT_REACHED: OutcomeWords(
            mark("%(Provider)s did not check enough for this service"),
            mark(
                "%(Provider)s confirmed who you are, but less surely than %(service)s needs. Nothing has "
                "been shared."
            ),
            mark("You can choose another provider, or the same one and complete all the checks it asks for."),
        ),
        Outcome.NO_ELIGIBLE_PROVIDER: OutcomeWords(
            mark("No provider can help with this service at the moment"),
            mark(
                "None of the hub’s providers can confirm who you are as surely as %(service)s needs. You "
                "have done nothing wrong."
            ),
            mark(
                "Go back to %(service)s and see whether there is another way to use it, or try again later."
            ),
        ),
        Outcome.PROVIDER_UNAVAILABLE: OutcomeWords(
            mark("%(Provider)s is not answering now"),
            mark(
                "The fault is with %(provider)s, not with you or with %(service)s. Nothing has been shared."
            ),
            mark("You can choose another provider now, or try again in a few minutes."),
        ),
        Outcome.PROVIDER_BUSY: OutcomeWords(
            mark("%(Provider)s is too busy now"),
            mark("Too many people are using %(provider)s at the moment. Nothing has been shared."),
            mark("You can choose another provider now, or try again in a few minutes."),
        ),
        Outcome.PROVIDER_ERROR: OutcomeWords(
            mark("%(Provider)s sent an answer that cannot be used"),
            mark(
                "We could not be sure that the answer was right, so we did not use it. The fault is not "
                "with you or with %(service)s. Nothing has been shared."
            ),
            mark("You can choose another provider, or try again."),
        ),
        Outcome.PROVIDER_SUSPENDED: OutcomeWords(
            mark("%(Provider)s cannot be used at the moment"),
            mark("The hub has suspended %(provider)s and takes no answers from it. Nothing has been shared."),
            mark("You can choose another provider."),
        ),
        Outcome.PROVIDER_BLOCKED_BY_CITIZEN: OutcomeWords(
            mark("You have blocked %(provider)s"),
            mark(
                "You asked the hub not to take sign-ins from %(provider)s for your account. Nothing has "
                "been shared."
            ),
            mark("You can choose another provider."),
        ),
        Outcome.DIFFERENT_PERSON: OutcomeWords(
            mark("This is not the person who was signed in"),
            mark(
                "%(Provider)s named a different person from the one this sign-in belongs to. To protect "
                "both, we stopped here. Nothing has been shared."
            ),
            mark(
                "If you share this device, go back to %(service)s and start again. At the provider, check "
                "that you sign in as yourself."
            ),
        ),
        Outcome.SERVICE_REQUEST_INVALID: OutcomeWords(
            mark("The service that sent you here made a mistake"),
            mark(
                "%(Service)s sent a request that the hub cannot accept. You have done nothing wrong, and "
                "nothing has been shared."
            ),
            mark("Only the service can put this right. Tell its staff what this page says."),
        ),
        Outcome.EXPIRED: OutcomeWords(
            mark("This sign-in has run out of time"),
            mark(
                "A sign-in may take up to 3 hours. After that the hub ends it to protect you. Nothing has "
                "been shared."
            ),
            mark("You can go back to %(service)s and start again."),
        ),
        Outcome.HUB_ERROR: OutcomeWords(
            mark("Sorry, something went wrong here"),
            mark(
                "The fault is with this hub, not with you, your provider or %(service)s. Nothing has been "
                "shared."
            ),
            mark("You can go back to %(service)s and try again in a few minutes."),
        ),
    }
)
