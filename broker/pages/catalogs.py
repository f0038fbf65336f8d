"""The pages' words in other languages, read from the .po files that translators write.

Invariant: a text without a finished translation stays English; a fuzzy entry counts as unfinished. The
catalogues are read as they are, so there is no compiled copy that could be older than its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from gettext import NullTranslations
from pathlib import Path
from types import MappingProxyType

from babel.messages.pofile import read_po

from broker.pages.language import ENGLISH, WELSH

_TRANSLATIONS = Path(__file__).parent / "translations"


def mark(message: str) -> str:
    """Mark a text for translation where it is written down; it is looked up where it is shown."""
    return message


class TranslatedMessages(NullTranslations):
    """One language's texts by their English source."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__()
        self._messages = messages

    def gettext(self, message: str) -> str:
        """Return the translation, or the English text where there is none."""
        return self._messages.get(message, message)


def load_catalogs(directory: Path = _TRANSLATIONS) -> Mapping[str, NullTranslations]:
    """Return the catalogue of each language; the English one is empty, because English is the source."""
    path = directory / WELSH / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as source:
        catalog = read_po(source, locale=WELSH, abort_invalid=True)
    welsh = {
        message.id: message.string
        for message in catalog
        if isinstance(message.id, str)
        and isinstance(message.string, str)
        and message.string
        and not message.fuzzy
    }
    return MappingProxyType({ENGLISH: NullTranslations(), WELSH: TranslatedMessages(welsh)})
