"""Pages from templates: one set per language, and a shell that is rendered once and then only filled.

Invariant: whatever a view holds is escaped, and a template that names what its view does not have fails. The
shell is the same for every page of a language, so rendering it again for each would be most of the cost of a
page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from gettext import NullTranslations
from pathlib import Path

from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
)
from markupsafe import Markup, escape

from broker.pages.display import show_day
from broker.pages.safe_text import isolate, isolate_lines, show_controls

_TEMPLATES = Path(__file__).parent / "templates"

# A character that no template and no translation contains, and that HTML forbids.
_MARK = "\x00"
_SLOT = re.compile(f"{_MARK}([a-z_]+){_MARK}")


def build_environment(language: str, catalog: NullTranslations, shared: Mapping[str, object]) -> Environment:
    """Return an environment that speaks one language; `shared` is known to every template."""
    environment = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(_TEMPLATES),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals.update(shared, language=language)
    environment.filters.update(
        isolate=isolate,
        isolate_lines=isolate_lines,
        shown=show_controls,
        day=partial(show_day, language=language),
    )
    # The i18n extension adds this method where no type checker sees it.
    install: Callable[..., None] = getattr(environment, "install_gettext_callables")  # noqa: B009
    install(catalog.gettext, catalog.ngettext, newstyle=True)
    return environment


def load_shell(environment: Environment) -> Template:
    """Return the shell's template, which alone calls govuk-frontend-jinja: its macros are slow, and run once.

    They ask for parameters that nobody gave, so the shell is less strict than every other template.
    """
    return environment.overlay(undefined=ChainableUndefined).get_template("shell.html")


@dataclass(frozen=True, slots=True)
class PageTemplate:
    """A template that has a block `title` and a block `content`, each rendered by itself for the shell."""

    template: Template

    def render(self, values: Mapping[str, object]) -> tuple[Markup, Markup]:
        """Return the title and the content, both as HTML in which every value is escaped."""
        context = self.template.new_context(dict(values))
        title, content = ("".join(self.template.blocks[name](context)) for name in ("title", "content"))
        # Jinja has escaped the values while it rendered the blocks.
        return Markup(" ".join(title.split())), Markup(content)  # noqa: S704


@dataclass(frozen=True, slots=True)
class Shell:
    """A rendered template with gaps: literal text and names of slots in turn, text at both ends."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, template: Template, slots: tuple[str, ...], **values: object) -> Shell:
        """Render a template with a gap for each slot."""
        gaps = {slot: Markup(f"{_MARK}{slot}{_MARK}") for slot in slots}  # noqa: S704 -- names of our own
        return cls(tuple(_SLOT.split(template.render(**values, **gaps).strip())))

    def fill(self, **slots: str) -> Markup:
        """Return the text with every gap filled; what is not Markup is escaped."""
        pieces = list(self.pieces)
        for index in range(1, len(pieces), 2):
            pieces[index] = escape(slots[pieces[index]])
        return Markup("".join(pieces))  # noqa: S704 -- escaped just above
