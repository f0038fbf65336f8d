"""What this provider says of itself; OpenID Connect Discovery 1.0 §3, RFC 8414, RFC 9207 §3."""

from __future__ import annotations

from idp_adapters.certification.simulator.oidc.authorization_request import Prompt
from idp_adapters.certification.simulator.oidc.client_assertion import ASSERTION_ALGORITHMS
from idp_adapters.certification.simulator.oidc.levels import Level
from idp_adapters.certification.simulator.oidc.userinfo import CLAIMS_BY_SCOPE, CLAIMS_OFFERED


def provider_metadata(issuer: str) -> dict[str, object]:
    """Give the discovery document; every address in it is below the issuer, whatever host was asked."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "scopes_supported": ["openid", *CLAIMS_BY_SCOPE],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
        "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [level.acr for level in Level],
        "prompt_values_supported": [str(prompt) for prompt in Prompt],
        "claim_types_supported": ["normal"],
        "claims_supported": sorted(
            CLAIMS_OFFERED | {"iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr"}
        ),
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["en"],
    }
