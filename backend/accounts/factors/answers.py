"""The answer to a second factor that was shown."""

from litestar import Response

from backend.accounts.answers import NEVER_KEPT
from backend.accounts.factors.schemas import NewToken
from backend.accounts.factors.service import Shown
from backend.accounts.tokens import LIFETIME

LIFETIME_SECONDS = int(LIFETIME.total_seconds())


def new_token(shown: Shown) -> Response[NewToken]:
    body = NewToken(
        access_token=shown.access_token,
        expires_in=LIFETIME_SECONDS,
        roles=sorted(shown.roles),
    )
    return Response(body, headers=NEVER_KEPT)
