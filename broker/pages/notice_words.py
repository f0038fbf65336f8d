"""What a notice says about where a journey stands, and what a refused request reads as.

Invariant: every `Standing` and every status that the hub answers with a page has words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from broker.pages.catalogs import mark
from broker.pages.standing import Standing


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """A short page: its heading, one paragraph, and what the button says that leads on."""

    title: str
    text: str
    go_on: str


_RETURN = mark("Return to %(service)s")
_GO_ON = mark("Go on")

NOTICE_WORDS: Mapping[Standing, NoticeWords] = MappingProxyType(
    {
        Standing.MOVED_ON: NoticeWords(
            mark("You have moved on from this page"),
            mark("This page belongs to an earlier step of your sign-in. Nothing has been lost."),
            mark("Go to the current step"),
        ),
        Standing.WAITING: NoticeWords(
            mark("Please wait a moment"),
            mark(
                "The hub is still working on this step of your sign-in. This page looks again by itself "
                "every few seconds."
            ),
            mark("Look again now"),
        ),
        Standing.FINISHED: NoticeWords(
            mark("This sign-in is finished"),
            mark("There is nothing more to do here. You can close this page or go back to %(service)s."),
            _RETURN,
        ),
        Standing.ALREADY_USED: NoticeWords(
            mark("This page has been used already"),
            mark("It works only once, so that nobody can use it after you. Nothing has been done twice."),
            _GO_ON,
        ),
        Standing.EXPIRED: NoticeWords(
            mark("This sign-in has run out of time"),
            mark(
                "The hub no longer has it. Go back to %(service)s and start again. Nothing has been shared."
            ),
            _RETURN,
        ),
        Standing.WRONG_BROWSER: NoticeWords(
            mark("This sign-in began in another browser"),
            mark(
                "To protect you, a sign-in can only be finished where it began. Go back to that browser, or "
                "start again from %(service)s in this one. Do this too if your browser has deleted its "
                "cookies."
            ),
            _RETURN,
        ),
        Standing.COOKIES_NEEDED: NoticeWords(
            mark("Your browser does not keep cookies"),
            mark(
                "The hub needs cookies to follow your sign-in and to protect it. Allow them for this site, "
                "then go back to %(service)s and start again."
            ),
            mark("Try again"),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class RefusalWords:
    """A request that never became a step: heading and one paragraph."""

    title: str
    text: str


HTTP_ERRORS: Mapping[int, RefusalWords] = MappingProxyType(
    {
        400: RefusalWords(
            mark("This request cannot be understood"), mark("The address or the form was not complete.")
        ),
        403: RefusalWords(
            mark("This request is not allowed"),
            mark("The form did not come from a page that we gave to this browser."),
        ),
        404: RefusalWords(
            mark("Page not found"),
            mark("If you typed the address, check it. If you followed a link, it may be old."),
        ),
        405: RefusalWords(
            mark("This page cannot be opened like that"),
            mark("It takes part in a sign-in and has no use by itself."),
        ),
        413: RefusalWords(
            mark("This request is too large"), mark("The hub accepts only short forms and addresses.")
        ),
        415: RefusalWords(
            mark("This request cannot be understood"),
            mark("It was sent in a form that the hub does not accept."),
        ),
        431: RefusalWords(
            mark("This request is too large"), mark("The hub accepts only short forms and addresses.")
        ),
        429: RefusalWords(
            mark("Too many requests"),
            mark("Wait a minute and try again. If you share a connection, others may be the cause."),
        ),
        500: RefusalWords(
            mark("Sorry, something went wrong here"), mark("The fault is with this hub. Try again later.")
        ),
        503: RefusalWords(
            mark("Sorry, the hub cannot be used at the moment"),
            mark("The fault is with this hub. Try again in a few minutes."),
        ),
    }
)
