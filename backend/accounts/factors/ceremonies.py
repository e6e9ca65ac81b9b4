"""WebAuthn's two ceremonies, as the `webauthn` package judges them; no rows here.

The relying party follows from the public address. Browsers take no address of numbers for one, so
an instance on this machine is "localhost", and its pages are opened under that name.
"""

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import structlog
import webauthn
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from backend.accounts.factors.domain import CHALLENGE_FOR
from infra.errors import DomainError

T = TypeVar("T")
_log = structlog.get_logger(__name__)
_NAME = "贯标 Guanbiao"
_MILLISECONDS = int(CHALLENGE_FOR.total_seconds() * 1000)


class RelyingParty(msgspec.Struct, frozen=True):
    id: str
    origin: str


def relying_party(public_url: str) -> RelyingParty:
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    name = "localhost" if _is_loopback(host) else host
    port = f":{parts.port}" if parts.port else ""
    return RelyingParty(name, f"{parts.scheme}://{name}{port}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def registration_options(
    party: RelyingParty, person_id: UUID, name: str, challenge: bytes, known: Sequence[bytes]
) -> dict[str, Any]:
    """Discoverable, and the device checks its owner: so a passkey is both factors."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=_NAME,
        user_id=person_id.bytes,
        user_name=name,
        challenge=challenge,
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json_dict(options)


def authentication_options(
    party: RelyingParty, challenge: bytes, known: Sequence[bytes] = ()
) -> dict[str, Any]:
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_MILLISECONDS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def registered(
    party: RelyingParty, challenge: bytes, credential: dict[str, Any], refusal: type[DomainError]
) -> VerifiedRegistration:
    return _judged(
        lambda: webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        ),
        refusal,
    )


def authenticated(
    party: RelyingParty,
    challenge: bytes,
    credential: dict[str, Any],
    public_key: bytes,
    refusal: type[DomainError],
) -> VerifiedAuthentication:
    """Its counter is the caller's to judge: only one that is signed says anything."""
    return _judged(
        lambda: webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        ),
        refusal,
    )


def _judged(verify: Callable[[], T], refusal: type[DomainError]) -> T:
    try:
        return verify()
    except Exception as error:  # a stranger's bytes go through four parsers, each with its own
        _log.info("passkey_refused", because=type(error).__name__)
        raise refusal from error
