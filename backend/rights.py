"""Who may call what, read from the routes themselves: for docs/rights.md, OpenAPI and the tests.

`python -m backend.rights > docs/rights.md` writes the page anew.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
from litestar import Litestar
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import ASGIRoute, HTTPRoute

from backend.accounts.guards import requires

PUBLIC: dict[str, str] = {
    r"(GET|HEAD) /(healthz|readyz)": "asked by load balancers, which have no account",
    r"GET /docs|GET /openapi\.json(/.*)?": "the API's description is no secret",
    r"POST /v1/codes": "codes are for people who are not signed in; `link` asks for the token",
    r"POST /v1/recoveries": "whoever forgot the password cannot sign in",
    r"POST /v1/people": "signing up comes before having an account",
    r"GET /v1/federation/providers": "shown on the sign-in page",
    r"POST /v1/federation/[^/]+/sign-in": "signing in with an identity provider",
    r"POST /v1/federation/newcomers": "the sealed cookie of who came back from a provider",
    r"GET /v1/federation/[^/]+/callback": "the state, once, in the browser where it began",
    r"POST /v1/sessions(/refresh)?": "signing in; the refresh token is its own proof",
    r"POST /v1/sessions/passkey|POST /v1/passkey-challenges": "signing in by passkey",
    r"GET /\.well-known/.*": "public keys",
    r"GET /v1/(programmes|modules|lessons)(/.*)?": "the national curriculum is free for all",
    r"GET /v1/playback/[^/]+/key": "asks itself for the token or cookie of the session's person",
    r"(GET|HEAD) /v1/downloads/.*": "downloads resume for days: the signed token is the proof",
    r"GET /v1/playback/.*": "players send no header: the signed token in the path is the proof",
    r"OPTIONS /v1/uploads(/.*)?": "tus: what the server can do, asked before signing in",
    r"GET /v1/verifications/.*|POST /v1/holder-matches": "anyone may check a record",
    r"GET /v1/privacy-notices": "people read what they will agree to before they sign up",
    r"GET /v1/exports/[^/]+": "a download sends no header: the signed token is the person's proof",
    r"(GET|POST) /v1/certifier/.*": "programs of a certification body: the key is the proof",
    r"GET /keys/.*|GET /issuers/.*": "public keys of issuers",
    r"POST /v1/complaints(/attachments)?|GET /v1/complaints/progress": "anyone may complain",
    r"GET /status/.*": "signed status lists, for verifiers",
    r"GET /log/.*": "the transparency log, for auditors",
    r"POST /log/cosignatures": "witnesses have no account: their signature is the proof",
    r"GET /trust(-demonstration)?\.json": "which issuers this instance answers for",
    r"GET /achievements/.*|GET /schemas/.*|GET /contexts/.*": "what a credential's links name",
    r"GET /v1/certification-bodies(/.*)?": "the register of filed bodies is public, people masked",
    r"POST /v1/invitations/by-token(/refusal)?": "the token went to the invited person alone",
    r"GET /v1/auditor-grades": "a code table is no secret",
    r"GET /": "page: what this is",
    r"GET /bodies(/\{code\})?": "page: the public register, people masked",
    r"GET /(classes|c|organisation|hours)(/.*)?": "page: a frame without data, which asks the API",
    r"GET /(marking|remedies|decisions)": "page: a frame without data, which asks the API",
    r"GET /item-statistics": "page: a frame without data, which asks the API",
    r"GET /editions(/.*)?": "page: a frame without data, which asks the API",
    r"GET /register": "page: a frame without data, which asks the API",
    r"GET /bodies/\{code\}/(desk|checking)": "page: a frame without data, which asks the API",
    r"GET /(sign-up|recover)": "page: an empty form",
    r"GET /(sign-in|learn|studio|records)(/.*)?": "page: a frame without data, which asks the API",
    r"GET /notices": "page: a frame without data, which asks the API",
    r"GET /invitations(/.*)?": "page: a frame without data, which asks the API",
    r"GET /account(/privacy)?": "page: a frame without data, which asks the API",
    r"GET /shared/\{token\}": "page: the link went to whom the holder chose",
    r"(GET|POST) /check": "page: number and name of a record, for anyone",
    r"GET /v(/.*)?": "page: the public verdict on a record",
    r"GET /service-worker\.js": "a script",
    r"\* /static(/.*)?|(GET|HEAD) /static(/.*)?": "scripts and styles",
}  # fmt: skip
"""Method and path (a pattern) -> why it needs no token. A route not here needs `requires()`."""

_HEAD = """# Who may call what

Made from the routes by `python -m backend.rights`; a test compares. Whose rows a route finds is
decided in its query: another's is a 404.

| Method | Path | Who | Whose rows |
|---|---|---|---|
"""


class Right(msgspec.Struct, frozen=True):
    method: str
    """`*` for a route that takes any method."""
    path: str
    guarded: bool
    roles: frozenset[str]
    """Empty and guarded: anyone signed in."""
    public_because: str | None
    whose: str = ""

    @property
    def who(self) -> str:
        if self.guarded:
            return ", ".join(sorted(self.roles)) or "anyone signed in"
        return f"public: {self.public_because}" if self.public_because else "UNGUARDED"


def rights(app: Litestar) -> list[Right]:
    found = {
        (path, method): right_of(method, path, handler) for method, path, handler in routes(app)
    }
    return [found[key] for key in sorted(found)]


def page(app: Litestar) -> str:
    shown = (r for r in rights(app) if not r.path.startswith("/openapi.json/"))  # aliases of it
    rows = [f"| {r.method} | `{r.path}` | {r.who} | {r.whose} |" for r in shown]
    return _HEAD + "\n".join(rows) + "\n"


def right_of(method: str, path: str, handler: BaseRouteHandler) -> Right:
    guards = [g for g in handler.resolve_guards() if isinstance(g, requires)]
    roles = (
        frozenset.intersection(*(g.roles for g in guards if g.roles))
        if any(g.roles for g in guards)
        else frozenset()
    )
    whose = ", ".join(g.whose for g in guards if g.whose)
    why = _why_public(method, path)
    return Right(method, path, bool(guards), frozenset(map(str, roles)), why, whose)


def routes(app: Litestar) -> Iterator[tuple[str, str, BaseRouteHandler]]:
    """Method, path and handler."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS" or handler.fn.__module__.startswith("backend."):
                    yield method, route.path_format, handler
        elif isinstance(route, ASGIRoute):
            yield "*", route.path_format, route.route_handler


def _why_public(method: str, path: str) -> str | None:
    line = f"{method} {path or '/'}"
    return next((why for pattern, why in PUBLIC.items() if re.fullmatch(pattern, line)), None)


def main() -> None:
    from backend.app import create_app
    from infra.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate(
            {"OBJECTS_URL": "http://k:s@localhost:1/b", "data_dir": Path(folder), "demo": True}
        )
        sys.stdout.write(page(create_app(settings, own_pool=False)))


if __name__ == "__main__":
    main()
