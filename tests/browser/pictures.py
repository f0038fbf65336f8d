"""Photographs of every page, to be looked at, and the picture in the README.

    python -m tests.browser.pictures DIRECTORY          every page, English and Welsh, desktop and telephone
    python -m tests.browser.pictures --readme FILE      one picture of a journey, from licence to answer

It starts the demonstration's federation by itself; nothing that it shows is real.
"""

from __future__ import annotations

import argparse
import base64
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, sync_playwright

from tests.browser.conftest import CHROMIUM
from tests.browser.federation import FISHING, LIBRARY, PROVIDERS, Federation, running_federation
from tests.browser.person import Person
from tests.browser.watch import Watch
from tests.builders import Entry

SIZES: Final[dict[str, ViewportSize]] = {
    "desktop": {"width": 1280, "height": 900},
    "telephone": {"width": 360, "height": 740},
}
STATIC_PAGES: Final = ("", "privacy", "cookies", "accessibility", "contact", "outcomes/expired", "nowhere")
PERSONAS: Final = ("long-name", "welsh", "non-latin", "mononym", "unknown-day", "no-address", "under-18")
_CARD: Final[ViewportSize] = {"width": 372, "height": 700}
_MONTAGE: Final = """<!doctype html><html lang="en"><style>
body {{ margin: 0; padding: 22px 24px 26px; background: #eef4f4; display: flex; gap: 24px; }}
figure {{ margin: 0; }}
figcaption {{ margin: 0 0 10px; font: bold 16px system-ui, sans-serif; color: #082f37; }}
img {{ display: block; border: 1px solid #8fb3b8; border-radius: 6px; }}
</style><body>{figures}</body></html>"""
_FIGURE: Final = (
    '<figure><figcaption>{caption}</figcaption><img alt="" src="data:image/png;base64,{data}"></figure>'
)


class Album:
    """Keeps a page's photographs, one for each screen."""

    def __init__(self, directory: Path, language: str) -> None:
        self._directory = directory
        self._language = language
        self._count = 0

    def keep(self, page: Page, name: str) -> None:
        """Photograph the whole page."""
        self._count += 1
        page.wait_for_load_state()
        for screen, size in SIZES.items():
            page.set_viewport_size(size)
            file = f"{self._language}-{screen}-{self._count:02}-{name}.png"
            page.screenshot(path=self._directory / file, full_page=True)
        page.set_viewport_size(SIZES["desktop"])


def photograph_everything(browser: Browser, federation: Federation, directory: Path) -> None:
    """Go through a journey and past every other page, in both languages."""
    for language, persona in (("en", "complete"), ("cy", "second-complete")):
        album = Album(directory, language)
        with somebody(browser, federation, persona, locale=f"{language}-GB") as person:
            _photograph_journey(person, album)
            for path in STATIC_PAGES:
                person.page.goto(f"{federation.issuer}/{path}")
                album.keep(person.page, path.replace("/", "-") or "home")
            person.page.goto(f"{federation.issuer}/authorize?client_id=nobody")
            album.keep(person.page, "unknown-client")
        for name in PERSONAS if language == "en" else ():
            with somebody(browser, federation, name) as person:
                person.until_agreement(FISHING)
                _open_everything(person.page)
                album.keep(person.page, f"agreement-{name}")
                person.decide(tick=["postcode_area"] if name != "no-address" else [])
                album.keep(person.page, f"service-{name}")


def _photograph_journey(person: Person, album: Album) -> None:
    page = person.page
    page.goto(person.federation.services[FISHING])
    album.keep(page, "service")
    person.press("a#start")
    album.keep(page, "picker")
    person.choose()
    album.keep(page, "provider")
    for outcome in ("cancel", "not-proved", "lower-level", "garbage"):
        person.sign_in(outcome)
        album.keep(page, f"failure-{outcome}")
        person.press("form#try-another button")
        if outcome == "cancel":
            album.keep(page, "picker-again")
        person.choose()
    person.sign_in()
    album.keep(page, "agreement")
    _open_everything(page)
    page.check("input[name=share]")
    album.keep(page, "agreement-open")
    person.decide()
    album.keep(page, "service-signed-in")
    person.back()
    album.keep(page, "finished")
    person.start(LIBRARY)
    album.keep(page, "library-agreement")
    person.decide("refuse")
    album.keep(page, "library-refused")


def picture_for_the_readme(browser: Browser, federation: Federation) -> bytes:
    """Make one picture: choose who proves it, see what would be shared, and what the service received."""
    with somebody(browser, federation, "complete-1", viewport=_CARD) as person:
        person.start(FISHING)
        shots = [("1. Choose who proves your identity", _card(person.page))]
        person.choose()
        person.sign_in()
        summary = person.page.locator("form#agreement summary").first
        summary.click()
        summary.blur()
        shots.append(("2. See exactly what would be shared", _card(person.page)))
        person.decide()
        shots.append(("3. The service gets that, and nothing else", _card(person.page)))
    figures = "".join(
        _FIGURE.format(caption=caption, data=base64.b64encode(picture).decode()) for caption, picture in shots
    )
    with browser.new_context(viewport={"width": 1218, "height": 400}) as context:
        page = context.new_page()
        page.set_content(_MONTAGE.format(figures=figures))
        return page.screenshot(full_page=True)


def _card(page: Page) -> bytes:
    page.wait_for_load_state()
    top = page.locator("main").evaluate("main => main.querySelector('span, h1').getBoundingClientRect().top")
    clip: FloatRect = {"x": 0, "y": top - 18, "width": _CARD["width"], "height": _CARD["height"]}
    return page.screenshot(full_page=True, clip=clip)


def _open_everything(page: Page) -> None:
    for summary in page.locator("main details summary").all():
        summary.click()


@contextmanager
def somebody(
    browser: Browser,
    federation: Federation,
    persona: str,
    *,
    locale: str = "en-GB",
    viewport: ViewportSize = SIZES["desktop"],
) -> Iterator[Person]:
    """Let a person go about in a browser of their own."""
    with browser.new_context(locale=locale, viewport=viewport) as context:
        yield Person(federation, context, Watch(context, federation.origins), persona)


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("directory", type=Path, nargs="?")
    parser.add_argument("--readme", type=Path, metavar="FILE")
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))
        if asked.readme is not None:
            # The provider that `make demo` has, alone.
            with _federation({"northgate": PROVIDERS["northgate"]}) as federation:
                asked.readme.write_bytes(picture_for_the_readme(browser, federation))
        if asked.directory is not None:
            asked.directory.mkdir(parents=True, exist_ok=True)
            with _federation(PROVIDERS) as federation:
                photograph_everything(browser, federation, asked.directory)
        browser.close()


@contextmanager
def _federation(providers: Mapping[str, Entry]) -> Iterator[Federation]:
    with (
        tempfile.TemporaryDirectory() as state,
        running_federation(Path(state), providers=providers) as federation,
    ):
        yield federation


if __name__ == "__main__":
    main()
