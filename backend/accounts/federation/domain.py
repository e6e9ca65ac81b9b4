"""Rules of signing in elsewhere. No I/O."""

import re
import unicodedata
from datetime import timedelta
from typing import Annotated

import msgspec

from backend.accounts.federation.errors import ReturnToNotHere

ATTEMPT_FOR = timedelta(minutes=10)
NAMELESS = "新学员"
LONGEST_NAME = 60
_PATH = re.compile(r"/(?!/)[A-Za-z0-9/_.~-]{0,199}", re.ASCII)
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(/.*)?", re.ASCII)

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class Title(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    zh: _Text
    en: _Text


class Provider(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One entry of the operator's file; docs/how-to-federate.md explains each field."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    title: Title
    issuer: _Text
    client_id: _Text
    client_secret_env: str = ""
    client_secret_file: str = ""
    second_factor: tuple[str, ...] = ()
    """Values of `acr` or `amr` that count as a second factor here; by default none does."""


class Proof(msgspec.Struct, frozen=True):
    """What a checked ID token says."""

    issuer: str
    subject: str
    name: str = ""
    second_factor: bool = False


def is_fit_address(url: str, issuer: str) -> bool:
    """https; or loopback when the issuer itself is there, which tests and trials need."""
    if _LOOPBACK.fullmatch(issuer) and _LOOPBACK.fullmatch(url):
        return True
    return url.startswith("https://")


def checked_return_to(path: str) -> str:
    """A path of ours: neither another site (`//evil`, `https:`) nor a trick with backslashes."""
    if not _PATH.fullmatch(path):
        raise ReturnToNotHere(fields={"returnTo": "形如 /learn 的路径 / a path like /learn"})
    return path


def shows_second_factor(provider: Provider, acr: object, amr: object) -> bool:
    """What a provider says of factors counts only where the operator has said which words do."""
    said = {acr} if isinstance(acr, str) else set()
    if isinstance(amr, list):
        said |= {value for value in amr if isinstance(value, str)}
    return bool(said & set(provider.second_factor))


def shown_name(name: str) -> str:
    """Without control characters; nobody is nameless."""
    kept = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    return " ".join(kept.split())[:LONGEST_NAME] or NAMELESS
