"""What a person sees at the simulated provider: plain pages without script, open about what they are."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from idp_adapters.certification.simulator.oidc.outcomes import Outcome
from idp_adapters.certification.simulator.personas import DEFAULT_PERSONA, OFFERED_PERSONAS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp_adapters.certification.simulator.oidc.authorization_request import AuthorizationRequest

_STYLE: Final = (
    "body{font:1.125rem/1.5 sans-serif;color:#111;background:#fff;margin:2rem auto;max-width:40rem;"
    "padding:0 1rem}strong.simulated{background:#fd0;padding:.125rem .5rem}"
    "label{display:block;font-weight:bold;margin-top:1rem}"
    "select,button{font:inherit;padding:.375rem;min-width:16rem;max-width:100%}"
    "button{margin-top:1.5rem;background:#00566b;color:#fff;border:2px solid #00566b}"
    ":focus-visible{outline:3px solid #111;outline-offset:3px}dt{font-weight:bold}dd{margin:0 0 .5rem}"
)
_STYLE_DIGEST: Final = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# No form-action: Chromium applies it to every redirect that follows the form, and those lead to the client.
CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; img-src data:; "
    "base-uri 'none'; frame-ancestors 'none'"
)

_SHELL: Final = Markup(
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<title>{title} - simulated identity provider</title>\n<link rel="icon" href="data:,">\n'
    "<style>{style}</style>\n</head>\n<body>\n<main>\n{content}\n</main>\n</body>\n</html>\n"
)
_SIGN_IN: Final = Markup(
    "<h1>Sign in</h1>\n"
    '<p><strong class="simulated">This is a simulated identity provider.</strong> '
    "The people are invented, and nothing you choose here proves anything.</p>\n"
    "<dl>\n<dt>Provider</dt><dd>{issuer}</dd>\n"
    '<dt>Level asked for</dt><dd id="asked-level" data-level="{level}">{level}</dd>\n'
    '<dt>New sign-in demanded</dt><dd id="new-sign-in" data-demanded="{demanded}">{demanded}</dd>\n</dl>\n'
    '<form id="sign-in" method="post" action="{action}">\n{hidden}\n'
    '<label for="persona">Who signs in</label>\n<select id="persona" name="persona">\n{personas}\n</select>\n'
    '<label for="outcome">What happens</label>\n<select id="outcome" name="outcome">\n{outcomes}\n</select>\n'
    '<div><button type="submit">Sign in</button></div>\n</form>'
)
_HIDDEN: Final = Markup('<input type="hidden" name="{}" value="{}">')
_PROBLEM: Final = Markup('<h1>This request cannot be answered</h1>\n<p id="problem">{}</p>')


def sign_in_page(request: AuthorizationRequest, *, issuer: str, action: str) -> str:
    """Give the sign-in page; its hidden fields carry the whole request, so it can be sent from anywhere."""
    content = _SIGN_IN.format(
        issuer=issuer,
        level=request.level.value,
        demanded="yes" if request.demands_new_sign_in or request.max_age is not None else "no",
        action=action,
        hidden=Markup("\n").join(_HIDDEN.format(name, value) for name, value in request.parameters.pairs),
        personas=_options(OFFERED_PERSONAS, chosen=DEFAULT_PERSONA),
        outcomes=_options(Outcome, chosen=Outcome.SUCCESS),
    )
    return _page("Sign in", content)


def problem_page(description: str) -> str:
    """Give a page for a request that cannot travel back to the client."""
    return _page("Problem", _PROBLEM.format(description))


def _page(title: str, content: Markup) -> str:
    return _SHELL.format(title=title, style=Markup(_STYLE), content=content)  # noqa: S704 - a constant of this module


def _options(values: Iterable[str], *, chosen: str) -> Markup:
    return Markup("\n").join(
        Markup('<option value="{0}"{1}>{0}</option>').format(
            value, Markup(" selected") if value == chosen else ""
        )
        for value in values
    )
