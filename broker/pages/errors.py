"""What can be wrong with what a page is made of; each is a fault of the deployment or of our own code."""

from __future__ import annotations


class PageError(Exception):
    """A page cannot be made; `description` may be shown, `detail` is for the log."""

    description = "This page cannot be shown."

    def __init__(self, *, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class AssetsMissingError(PageError):
    """The style sheet has not been built, or not completely; raised at start."""

    description = "The hub's page assets have not been built."


class FormTargetError(PageError):
    """An address cannot stand in the content security policy."""

    description = "This service's or provider's address cannot be used."
