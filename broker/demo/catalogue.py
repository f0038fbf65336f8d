"""The two services of the demonstration: what each is called, what it asks for and why.

The hub's registry holds the binding entry of each; this is what a service team knows about its own service.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from broker.demo.levels import LEVEL_PREFIX


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One attribute that a service asks for, in the words of its own page."""

    what: str
    why: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """What a service says about itself; `acr_values` in order of preference.

    Whoever's claim `condition` is false can sign in, and reads `sorry` in the place of `thanks`.
    """

    client_id: str
    name: str
    organisation: str
    port: int
    acr_values: tuple[str, ...]
    introduction: str
    level_in_words: str
    thanks: str
    asked: tuple[Asked, ...]
    condition: str = ""
    sorry: str = ""


FISHING_LICENCE = Presentation(
    client_id="fishing-licence",
    name="Renew a fishing licence",
    organisation="Rivers Agency",
    port=8410,
    acr_values=(f"{LEVEL_PREFIX}medium.medium",),
    introduction="Renew your licence to fish with a rod in rivers and lakes. It takes about five minutes.",
    level_in_words="We must be reasonably sure of who you are, so you will be asked to prove your identity.",
    thanks="Your licence can now be renewed.",
    condition="age_over_18",
    sorry="You need a junior licence, which is free. This service renews licences of adults.",
    asked=(
        Asked(what="Your name", why="to print on the licence", required=True),
        Asked(what="That you are over 18", why="to check that you need an adult licence", required=True),
        Asked(what="The area of your postcode", why="to tell you about waters near you", required=False),
    ),
)

LIBRARY_CARD = Presentation(
    client_id="library-card",
    name="Join the library",
    organisation="Town Libraries",
    port=8411,
    acr_values=(f"{LEVEL_PREFIX}low.medium",),
    introduction="Get a library card and borrow from any of our branches. Joining is free.",
    level_in_words="A sign-in that is safe against theft is enough. You need not show a document.",
    thanks="Your library card is ready to use.",
    asked=(Asked(what="Your name", why="to print on your library card", required=True),),
)

SERVICES = {service.client_id: service for service in (FISHING_LICENCE, LIBRARY_CARD)}


def presentation_of(client_id: str, name: str, acr_values: tuple[str, ...]) -> Presentation:
    """Give what is known of a service; one not in the catalogue gets a plain page."""
    known = SERVICES.get(client_id)
    if known is not None:
        return replace(known, name=name, acr_values=acr_values)
    return Presentation(
        client_id=client_id,
        name=name,
        organisation="A made-up organisation",
        port=0,
        acr_values=acr_values,
        introduction="Sign in to use this service.",
        level_in_words="You may be asked to prove your identity.",
        thanks="You can now use the service.",
        asked=(),
    )
