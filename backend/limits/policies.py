"""Every limit there is. A route's class is found by its method and path template.

Address limits are made for a training room of 60 people behind one address, who sign up, sign in
and begin to learn in the same minute. GUANBIAO_LIMIT_FACTOR multiplies all of them, for a campus
or an exam day.
"""

import re
from enum import StrEnum
from functools import lru_cache

from backend.limits.domain import By, Policy

A_DAY = 86_400


class RouteClass(StrEnum):
    CODE = "code"
    SIGN_IN = "sign-in"
    SECOND_FACTOR = "second-factor"
    COMPLAINT = "complaint"
    MATCH = "match"
    LOOKUP = "lookup"
    CERTIFIER = "certifier"
    CERTIFIER_BULK = "certifier-bulk"
    HEARTBEAT = "heartbeat"
    PLAYBACK = "playback"
    SYNC = "sync"
    ANSWERS = "answers"
    UPLOAD = "upload"
    WRITE = "write"
    READ = "read"


_READING = r"v1/|v/|shared/|log/|status/|trust|keys/|\.well-known/|achievements/"
"""Beginnings of what reads the database, outside the API too."""
_PATTERNS: tuple[tuple[RouteClass | None, str], ...] = (
    # Nothing of these reads the database: frames of pages, scripts.
    (None, r"OPTIONS .*"),
    (None, rf"(GET|HEAD) /(?!{_READING}).*"),
    (RouteClass.CODE, r"POST /v1/codes"),
    (RouteClass.SECOND_FACTOR, r"POST /v1/sessions/current/(second-factor|passkey).*"),
    (RouteClass.SECOND_FACTOR, r"POST /v1/me/authenticator/confirmation"),
    (RouteClass.SIGN_IN, r"POST /v1/(people|sessions|sessions/passkey.*|passkey.*|recover.*)"),
    (RouteClass.SIGN_IN, r"(GET|POST) /v1/federation/(\{provider\}/.*|newcomers)"),
    (RouteClass.COMPLAINT, r"POST /v1/complaints(/attachments)?"),
    (RouteClass.MATCH, r"POST /(v1/holder-matches|check)"),
    (RouteClass.LOOKUP, r"(GET|HEAD) /(v|v1/verifications)/\{code.*"),
    (RouteClass.CERTIFIER_BULK, r"POST /v1/certifier/.*"),
    (RouteClass.CERTIFIER, r"GET /v1/certifier/.*"),
    (RouteClass.HEARTBEAT, r"\w+ /v1/heartbeats"),
    (RouteClass.SYNC, r"\w+ /v1/sync"),
    (RouteClass.ANSWERS, r"PUT /v1/attempts/\{attempt_id\}/answers"),
    (RouteClass.PLAYBACK, r"(GET|HEAD) /v1/(playback|downloads)/.*"),
    (RouteClass.UPLOAD, r"\w+ /v1/uploads.*"),
    (RouteClass.READ, r"(GET|HEAD) .*"),
    (RouteClass.WRITE, r".*"),
)
"""The first that fits; None: not counted."""


def _a(kind: RouteClass, by: By, quota: int, seconds: int = 60, *, shares: bool = False) -> Policy:
    name = f"{kind}-{by}" if seconds == 60 else f"{kind}-{by}-{seconds}"
    return Policy(name, by, quota, seconds, shares)


POLICIES: dict[RouteClass, tuple[Policy, ...]] = {
    # A code costs an SMS. The hour's limit is what a pump of messages meets.
    RouteClass.CODE: (
        _a(RouteClass.CODE, By.ADDRESS, 150),
        _a(RouteClass.CODE, By.ADDRESS, 900, 3600),
    ),
    # Guessing is slowed by accounts' own count of failures; this blunts a flood of argon2.
    RouteClass.SIGN_IN: (_a(RouteClass.SIGN_IN, By.ADDRESS, 240),),
    RouteClass.SECOND_FACTOR: (
        _a(RouteClass.SECOND_FACTOR, By.ADDRESS, 240),
        _a(RouteClass.SECOND_FACTOR, By.PERSON, 30),
    ),
    # Anyone may complain, with files of 8 MiB: a flood must not fill the store.
    RouteClass.COMPLAINT: (
        _a(RouteClass.COMPLAINT, By.ADDRESS, 30),
        _a(RouteClass.COMPLAINT, By.ADDRESS, 200, 3600),
    ),
    # Whoever has a record's number may try names: by the hour few enough to be no use.
    RouteClass.MATCH: (
        _a(RouteClass.MATCH, By.ADDRESS, 30),
        _a(RouteClass.MATCH, By.ADDRESS, 200, 3600),
    ),
    # A record number has 31^8 forms: who tries them by chance is not to find one in a month.
    RouteClass.LOOKUP: (
        _a(RouteClass.LOOKUP, By.ADDRESS, 1200, shares=True),
        _a(RouteClass.LOOKUP, By.ADDRESS, 6000, 3600, shares=True),
    ),
    # By address as any reader, for keys that are tried; by key, so that a body whose systems sit
    # behind many addresses, or whose key was passed on, asks no more than a large body needs.
    RouteClass.CERTIFIER: (
        _a(RouteClass.CERTIFIER, By.ADDRESS, 12_000, shares=True),
        _a(RouteClass.CERTIFIER, By.KEY, 3000),
        _a(RouteClass.CERTIFIER, By.KEY, 100_000, A_DAY),
    ),
    # Each may hold 1,000 records, or be a file of 100,000.
    RouteClass.CERTIFIER_BULK: (
        _a(RouteClass.CERTIFIER_BULK, By.ADDRESS, 600),
        _a(RouteClass.CERTIFIER_BULK, By.KEY, 60),
        _a(RouteClass.CERTIFIER_BULK, By.KEY, 2000, A_DAY),
    ),
    # A player sends two to six a minute, and what it saved up after a bad line.
    RouteClass.HEARTBEAT: (
        _a(RouteClass.HEARTBEAT, By.PERSON, 6000, shares=True),
        _a(RouteClass.HEARTBEAT, By.STRANGER, 600, shares=True),
    ),
    # A phone that was away, once or twice; thousands of them on the last day, so no row is asked.
    RouteClass.SYNC: (
        _a(RouteClass.SYNC, By.PERSON, 600, shares=True),
        _a(RouteClass.SYNC, By.STRANGER, 600, shares=True),
    ),
    # A page saves each answer as it is given; a hall of a thousand people is one address.
    RouteClass.ANSWERS: (
        _a(RouteClass.ANSWERS, By.PERSON, 1200, shares=True),
        _a(RouteClass.ANSWERS, By.STRANGER, 600, shares=True),
    ),
    # Players send no token, so sixty of them are one address.
    RouteClass.PLAYBACK: (_a(RouteClass.PLAYBACK, By.ADDRESS, 30_000, shares=True),),
    # Parts of a few megabytes, several a second on a good line.
    RouteClass.UPLOAD: (
        _a(RouteClass.UPLOAD, By.PERSON, 3000, shares=True),
        _a(RouteClass.UPLOAD, By.STRANGER, 600, shares=True),
    ),
    RouteClass.WRITE: (
        _a(RouteClass.WRITE, By.ADDRESS, 3000),
        _a(RouteClass.WRITE, By.PERSON, 600),
        _a(RouteClass.WRITE, By.ORGANISATION, 30_000),
    ),
    RouteClass.READ: (
        _a(RouteClass.READ, By.ADDRESS, 12_000, shares=True),
        _a(RouteClass.READ, By.PERSON, 2400, shares=True),
        _a(RouteClass.READ, By.ORGANISATION, 120_000, shares=True),
    ),
}


@lru_cache(maxsize=4096)
def class_of(method: str, path_template: str) -> RouteClass | None:
    line = f"{method} {path_template}"
    return next(kind for kind, pattern in _PATTERNS if re.fullmatch(pattern, line))
