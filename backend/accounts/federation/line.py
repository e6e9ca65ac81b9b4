"""The line to one provider: discovery, keys, the exchange of a code. Every answer is distrusted."""

import ssl
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import httpx
import msgspec
import structlog
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from backend.accounts.federation.domain import is_fit_address
from backend.accounts.federation.errors import ProviderRefused, ProviderUnreachable
from backend.accounts.federation.providers import Registered

_FRESH_FOR = timedelta(hours=1)
_PATIENCE_SECONDS = 8
_LARGEST = 512 * 1024
_SIGNING_KEYS = {"RSA", "EC"}  # never "oct": a public key must not pass for a shared secret

_log = structlog.get_logger(__name__)
_Answer = TypeVar("_Answer")


class Metadata(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    authorization_response_iss_parameter_supported: bool = False
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str


class _Keys(msgspec.Struct):
    keys: list[dict[str, Any]]


class _UserInfo(msgspec.Struct):
    sub: str
    name: str = ""


class Line:
    """Metadata and keys are kept for an hour; keys are fetched anew when one is unknown."""

    def __init__(self, registered: Registered) -> None:
        self.provider = registered.provider
        self._secret = registered.secret
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    async def metadata(self, *, now: datetime) -> Metadata:
        if self._metadata is None or now - self._metadata[0] > _FRESH_FOR:
            url = get_well_known_url(self.provider.issuer, external=True)
            found = await self._get(url, Metadata)
            self._check(found)
            self._metadata = (now, found)
        return self._metadata[1]

    async def keys(self, *, now: datetime, anew: bool = False) -> KeySet:
        if anew or self._keys is None or now - self._keys[0] > _FRESH_FOR:
            listed = await self._get((await self.metadata(now=now)).jwks_uri, _Keys)
            fit = [key for key in listed.keys if key.get("kty") in _SIGNING_KEYS]
            try:
                self._keys = (now, KeySet.import_key_set({"keys": fit}))
            except (JoseError, ValueError) as error:
                raise self._unreachable(error) from None
        return self._keys[1]

    async def authorization_url(
        self,
        *,
        state: str,
        nonce: str,
        verifier: str,
        back_to: str,
        ask_anew: bool,
        now: datetime,
    ) -> str:
        """`ask_anew`: who has a session there must still say who they are."""
        params = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": back_to,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
            **({"prompt": "login"} if ask_anew else {}),
        }
        endpoint = (await self.metadata(now=now)).authorization_endpoint
        return str(add_params_to_uri(endpoint, list(params.items())))

    async def exchange(self, code: str, *, verifier: str, back_to: str, now: datetime) -> Tokens:
        metadata = await self.metadata(now=now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": verifier,
        }
        auth = None
        if not self._secret:
            form["client_id"] = self.provider.client_id
        elif "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            auth = httpx.BasicAuth(_quoted(self.provider.client_id), _quoted(self._secret))
        else:
            form |= {"client_id": self.provider.client_id, "client_secret": self._secret}
        request = httpx.Request("POST", metadata.token_endpoint, data=form)
        return await self._send(request, Tokens, auth=auth)

    async def name_of(self, subject: str, access_token: str, *, now: datetime) -> str:
        """From userinfo; "" when the provider has none, or speaks of somebody else."""
        endpoint = (await self.metadata(now=now)).userinfo_endpoint
        if not endpoint:
            return ""
        found = await self._get(endpoint, _UserInfo, Authorization=f"Bearer {access_token}")
        return found.name if found.sub == subject else ""

    def _check(self, found: Metadata) -> None:
        """The issuer to the letter (OIDC Discovery §4.3), and nothing in clear text."""
        endpoints = [found.authorization_endpoint, found.token_endpoint, found.jwks_uri]
        endpoints += [found.userinfo_endpoint] if found.userinfo_endpoint else []
        issuer = self.provider.issuer
        if found.issuer != issuer or not all(is_fit_address(e, issuer) for e in endpoints):
            raise self._unreachable(ValueError("issuer or endpoints differ"))

    async def _get(self, url: str, kind: type[_Answer], **headers: str) -> _Answer:
        return await self._send(httpx.Request("GET", url, headers=headers), kind)

    async def _send(
        self, request: httpx.Request, kind: type[_Answer], auth: httpx.BasicAuth | None = None
    ) -> _Answer:
        """ProviderRefused for a 4xx, ProviderUnreachable for whatever else is not an answer."""
        request.headers["Accept"] = "application/json"
        try:
            async with httpx.AsyncClient(
                timeout=_PATIENCE_SECONDS, trust_env=False, verify=_authorities()
            ) as client:
                response = await client.send(request, auth=auth)
                if response.is_client_error:
                    _log.warning("provider_refused", provider=self.provider.name)
                    raise ProviderRefused
                response.raise_for_status()
                return msgspec.json.decode(response.content[:_LARGEST], type=kind)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: Exception) -> ProviderUnreachable:
        """Only the kind of error is logged: its text may hold what was sent."""
        name, kind = self.provider.name, type(error).__name__
        _log.warning("provider_unreachable", provider=name, error=kind)
        return ProviderUnreachable()


@cache
def _authorities() -> ssl.SSLContext:
    """Whom to trust: some hundred certificates, read once a process and not for each request."""
    return httpx.create_ssl_context(trust_env=False)


def _quoted(text: str) -> str:
    """RFC 6749 §2.3.1: id and secret are form-encoded before they are joined."""
    return str(httpx.QueryParams({"": text}))[1:]
