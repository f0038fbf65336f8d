"""The stories of `tests/sign_ins`, told again by two hubs behind nginx: they must not be able to tell."""

from __future__ import annotations

from tests.sign_ins.test_claims_parameter import *  # noqa: F403
from tests.sign_ins.test_codes import *  # noqa: F403
from tests.sign_ins.test_consent import *  # noqa: F403
from tests.sign_ins.test_declining import *  # noqa: F403
from tests.sign_ins.test_double_clicks import *  # noqa: F403
from tests.sign_ins.test_first_sign_in import *  # noqa: F403
from tests.sign_ins.test_levels import *  # noqa: F403
from tests.sign_ins.test_prompts import *  # noqa: F403
from tests.sign_ins.test_returning import *  # noqa: F403
from tests.sign_ins.test_returns_from_providers import *  # noqa: F403
from tests.sign_ins.test_userinfo import *  # noqa: F403

# It looks for a cookie by the name that it has without TLS.
del test_a_ua_03_no_other_token_serves_as_an_access_token  # noqa: F821
