"""To a provider and back. docs/decisions/0011 says why nothing here looks at an e-mail address."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from backend.accounts import repository as accounts
from backend.accounts import service as accounts_service
from backend.accounts.agreeing import AgreedNotice, must_agree, record_agreements
from backend.accounts.codes import service as codes
from backend.accounts.domain import Caller, Role
from backend.accounts.factors.service import must_be_fresh
from backend.accounts.federation import newcomers, repository
from backend.accounts.federation.domain import (
    ATTEMPT_FOR,
    Proof,
    checked_return_to,
    shown_name,
)
from backend.accounts.federation.errors import (
    AccountClosed,
    AttemptNotKnown,
    IdentityLinkedElsewhere,
    LastWayIn,
    NoSuchIdentity,
    ProofNotValid,
    ProviderNotKnown,
    ProviderRefused,
)
from backend.accounts.federation.line import Line
from backend.accounts.federation.proving import proof_of
from backend.accounts.federation.repository import Attempt, Linked, Mine
from backend.accounts.federation.tables import FederatedIdentity
from backend.accounts.privacy_facts import NO_PASSWORD
from backend.accounts.service import Desk, SignedIn, Visit
from backend.accounts.tables import Person
from backend.accounts.ways_in import one_must_stay
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import DomainError
from infra.ids import uuid7
from infra.vault import Vault, place

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Begun:
    url: str
    state: str
    browser: str
    """Goes into a cookie: only the browser that has it may come back with `state`."""


@dataclass(frozen=True)
class Answer:
    """What a provider's redirect brought back."""

    state: str
    browser: str
    code: str | None
    issuer: str | None
    error: str | None


@dataclass(frozen=True)
class Back:
    return_to: str
    signed_in: SignedIn | None = None
    """None: an identity was linked, or `refused` says why nothing was done."""
    refused: DomainError | None = None
    linked: bool = False
    """The way was one to link, not to sign in, whatever came of it."""
    newcomer: str | None = None
    """Whom this identity belongs to has no account yet: sealed, to come back with agreement."""


def line_to(lines: dict[str, Line], name: str) -> Line:
    if name not in lines:
        raise ProviderNotKnown
    return lines[name]


def callback_of(desk: Desk, line: Line) -> str:
    """Each provider has its own, so that one's answer cannot pass for another's."""
    return f"{desk.tokens.issuer}/v1/federation/{line.provider.name}/callback"


# --- going there ------------------------------------------------------------------------------


async def begin(
    desk: Desk, line: Line, return_to: str, *, linking: Caller | None = None, now: datetime
) -> Begun:
    """`linking`: whose account the identity shall open; None: to sign in."""
    checked_return_to(return_to)
    state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    url = await line.authorization_url(
        state=state,
        nonce=_nonce(desk.vault, state),
        verifier=_verifier(desk.vault, state),
        back_to=callback_of(desk, line),
        ask_anew=linking is not None,
        now=now,
    )
    attempt = Attempt(
        provider=line.provider.name,
        person_id=linking.person_id if linking else None,
        session_id=linking.session_id if linking else None,
        return_to=return_to,
        expires_at=now + ATTEMPT_FOR,
    )
    async with UnitOfWork(DB):
        if linking is not None:
            await accounts.must_be_own(linking.person_id)
            await must_be_fresh(linking, now=now)
        await repository.begin(_sha256(state), _sha256(browser), attempt, now=now)
    return Begun(url, state, browser)


# --- coming back ------------------------------------------------------------------------------


async def come_back(desk: Desk, line: Line, answer: Answer, *, visit: Visit, now: datetime) -> Back:
    """The attempt is taken in a transaction of its own: whatever follows, it was used."""
    async with UnitOfWork(DB):
        attempt = await repository.take(_sha256(answer.state), _sha256(answer.browser))
    if attempt is None or attempt.provider != line.provider.name or attempt.expires_at <= now:
        raise AttemptNotKnown
    linking = attempt.person_id is not None
    signed_in = newcomer = None
    try:
        proof = await _prove(desk, line, answer, now=now)
        if linking:
            await _link(desk.vault, line, proof, attempt, now=now)
        else:
            signed_in = await _sign_in(desk, line, proof, visit=visit, now=now)
            newcomer = None if signed_in else newcomers.sealed(desk.vault, line, proof, now=now)
    except DomainError as error:
        _log.info("federation_refused", provider=line.provider.name, code=error.code)
        return Back(attempt.return_to, refused=error, linked=linking)
    return Back(attempt.return_to, signed_in, linked=linking, newcomer=newcomer)


async def _prove(desk: Desk, line: Line, answer: Answer, *, now: datetime) -> Proof:
    """Nothing is sent to the provider before the answer is known to be its own (RFC 9207)."""
    metadata = await line.metadata(now=now)
    said = answer.issuer
    if said != metadata.issuer and (
        said is not None or metadata.authorization_response_iss_parameter_supported
    ):
        raise ProofNotValid
    if answer.error is not None or answer.code is None:
        raise ProviderRefused
    back_to, verifier = callback_of(desk, line), _verifier(desk.vault, answer.state)
    tokens = await line.exchange(answer.code, verifier=verifier, back_to=back_to, now=now)
    proof = await proof_of(line, tokens, nonce=_nonce(desk.vault, answer.state), now=now)
    if proof.name:
        return proof
    name = await line.name_of(proof.subject, tokens.access_token, now=now)
    return Proof(proof.issuer, proof.subject, name, proof.second_factor)


async def _sign_in(
    desk: Desk, line: Line, proof: Proof, *, visit: Visit, now: datetime
) -> SignedIn | None:
    """None: this identity opens no account yet."""
    async with UnitOfWork(DB):
        found = await repository.linked(_subject_index(desk.vault, proof))
        if found is None:
            return None
        person_id = _open(found, desk)
        await repository.mark_used(found.id, now=now)
        signed_in = await _session(desk, person_id, proof.second_factor, visit=visit, now=now)
    _log.info("signed_in", person=str(person_id), provider=line.provider.name)
    return signed_in


async def enter(
    desk: Desk,
    lines: dict[str, Line],
    newcomer: str,
    agreed: Sequence[AgreedNotice],
    *,
    visit: Visit,
    now: datetime,
) -> SignedIn:
    """A new account for a newcomer who has agreed. Sent twice, the second finds it made."""
    provider, proof = newcomers.opened(desk.vault, newcomer, now=now)
    line = line_to(lines, provider)
    must_agree(desk.agreements, agreed)
    async with UnitOfWork(DB):
        found = await repository.linked(_subject_index(desk.vault, proof))
        if found is None:
            person_id = await _new_account(desk.vault, line, proof, now=now)
            await record_agreements(person_id, desk.agreements, now=now)
        else:
            person_id = _open(found, desk)
        signed_in = await _session(desk, person_id, proof.second_factor, visit=visit, now=now)
    _log.info("signed_up", person=str(person_id), provider=provider)
    return signed_in


async def _session(
    desk: Desk, person_id: UUID, second_factor: bool, *, visit: Visit, now: datetime
) -> SignedIn:
    return await accounts_service.open_session(
        desk.tokens,
        person_id,
        now=now,
        method="oidc",
        second_factor=second_factor,
        device=visit.device,
    )


def _open(found: Linked, desk: Desk) -> UUID:
    if found.erased_at is not None or (found.demonstration and not desk.demo):
        raise AccountClosed
    return found.person_id


async def _new_account(vault: Vault, line: Line, proof: Proof, *, now: datetime) -> UUID:
    """Never an existing one, whatever e-mail address the provider names."""
    new = uuid7()
    person = Person(
        id=new,
        name_sealed=vault.seal(shown_name(proof.name), place(Person.name_sealed, new)),
        password_hash=NO_PASSWORD,
        demonstration=False,
        created_at=now,
    )
    await accounts.add_person(person)
    await accounts.add_roles(person.id, [Role.LEARNER], now=now)
    if not await repository.link(_identity(vault, line, proof, person.id, now=now)):
        raise AttemptNotKnown  # somebody came back twice at once; the other one made it
    return person.id


async def _link(vault: Vault, line: Line, proof: Proof, attempt: Attempt, *, now: datetime) -> None:
    """To whoever began while signed in, if that session still lasts."""
    assert attempt.person_id is not None
    assert attempt.session_id is not None
    person_id = attempt.person_id
    async with UnitOfWork(DB):
        await accounts.lock_person(person_id)  # a recovery ends sessions under the same lock
        if await accounts_service.session_ended(attempt.session_id):
            raise AttemptNotKnown
        found = await repository.linked(_subject_index(vault, proof))
        if found is not None and found.person_id != person_id:
            raise IdentityLinkedElsewhere
        if found is None:
            if not await repository.link(_identity(vault, line, proof, person_id, now=now)):
                raise IdentityLinkedElsewhere
            await codes.tell(person_id, "login-added", vault=vault)
            await _record("federated-identity-linked", person_id, line.provider.name, now=now)


# --- what is linked ---------------------------------------------------------------------------


async def mine(person_id: UUID) -> list[Mine]:
    return await repository.identities_of(person_id)


async def unlink(desk: Desk, caller: Caller, identity_id: UUID, *, now: datetime) -> None:
    async with UnitOfWork(DB):
        await accounts.lock_person(caller.person_id)
        kept = {identity.id: identity for identity in await mine(caller.person_id)}
        if identity_id not in kept:
            raise NoSuchIdentity
        await must_be_fresh(caller, now=now)
        await repository.unlink(identity_id, caller.person_id)
        await one_must_stay(desk, caller.person_id, LastWayIn)
        await codes.tell(caller.person_id, "login-removed", vault=desk.vault)
        provider = kept[identity_id].provider
        await _record("federated-identity-unlinked", caller.person_id, provider, now=now)


async def _record(act: str, person_id: UUID, provider: str, *, now: datetime) -> None:
    subject = f"person:{person_id}"
    await record_act(act, actor=person_id, subject=subject, now=now, details={"provider": provider})


def _identity(
    vault: Vault, line: Line, proof: Proof, person_id: UUID, *, now: datetime
) -> FederatedIdentity:
    return FederatedIdentity(
        id=uuid7(),
        person=person_id,
        provider=line.provider.name,
        subject_index=_subject_index(vault, proof),
        linked_at=now,
        last_used_at=None,
    )


def _subject_index(vault: Vault, proof: Proof) -> bytes:
    return vault.index(f"federated\0{proof.issuer}\0{proof.subject}")


def _nonce(vault: Vault, state: str) -> str:
    """Told from the state under our key, so the row need not keep it."""
    return vault.index(f"federation-nonce\0{state}").hex()


def _verifier(vault: Vault, state: str) -> str:
    return vault.index(f"federation-verifier\0{state}").hex()


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
