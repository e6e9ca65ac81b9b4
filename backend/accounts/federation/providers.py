"""Reads the operator's file of identity providers. What is wrong in it stops the start."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from backend.accounts.federation.domain import Provider, is_fit_address
from infra.settings import BadSettings


@dataclass(frozen=True)
class Registered:
    provider: Provider
    secret: str = field(repr=False)
    """Empty: a public client, which proves itself by PKCE alone."""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    providers: list[Provider]


def read_providers(path: Path | None) -> dict[str, Registered]:
    """By name. BadSettings, without any secret in it."""
    if path is None:
        return {}
    try:
        listed = msgspec.json.decode(path.read_bytes(), type=_File).providers
    except (OSError, msgspec.DecodeError) as error:
        raise BadSettings(f"settings: GUANBIAO_FEDERATION_FILE: {error}") from None
    names = [provider.name for provider in listed]
    if len(set(names)) < len(names):
        raise BadSettings("settings: GUANBIAO_FEDERATION_FILE: a name stands there twice")
    return {provider.name: _registered(provider) for provider in listed}


def _registered(provider: Provider) -> Registered:
    if not is_fit_address(provider.issuer, provider.issuer):
        raise BadSettings(f"settings: federation: {provider.name}: issuer must be https://…")
    try:
        return Registered(provider, _secret(provider))
    except (OSError, KeyError) as error:
        raise BadSettings(f"settings: federation: {provider.name}: no secret: {error}") from None


def _secret(provider: Provider) -> str:
    if provider.client_secret_env:
        return os.environ[provider.client_secret_env]
    if provider.client_secret_file:
        return Path(provider.client_secret_file).read_text().strip()
    return ""
