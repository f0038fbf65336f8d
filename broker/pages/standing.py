"""Where a journey can stand when a page has nothing to ask: the values of `NoticeView.subject`."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """Why the person sees a notice in place of the page they came for."""

    MOVED_ON = "moved_on"
    """The page belongs to an earlier step; `continue_url` leads to the current one."""
    WAITING = "waiting"
    """Another request holds the step; the page looks again after `refresh_seconds`."""
    FINISHED = "finished"
    """The journey is complete; `continue_url` leads back to the service."""
    ALREADY_USED = "already_used"
    """The link or form was good for one use."""
    EXPIRED = "expired"
    """The journey is older than it may be, or no longer known."""
    WRONG_BROWSER = "wrong_browser"
    """The journey began in another browser."""
    COOKIES_NEEDED = "cookies_needed"
    """The browser keeps no cookies, so no journey can be followed in it."""
