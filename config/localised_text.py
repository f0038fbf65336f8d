"""Texts and addresses in the hub's two languages; English is always there, so no page lacks words."""

from config.registry_model import OneLine, RegistryModel, WebAddress


def _is_welsh(language: str) -> bool:
    return language.lower().partition("-")[0] == "cy"


class LocalisedText(RegistryModel):
    """One text in English and, where somebody translated it, in Welsh."""

    en: OneLine
    cy: OneLine | None = None

    def text(self, language: str) -> str:
        """Return the text for a BCP 47 language tag, in English where there is no other."""
        return self.cy if self.cy is not None and _is_welsh(language) else self.en


class LocalisedAddress(RegistryModel):
    """The address of a page in English and, where there is one, of its Welsh version."""

    en: WebAddress
    cy: WebAddress | None = None

    def text(self, language: str) -> str:
        """Return the address for a BCP 47 language tag, of the English page where there is no other."""
        return self.cy if self.cy is not None and _is_welsh(language) else self.en
