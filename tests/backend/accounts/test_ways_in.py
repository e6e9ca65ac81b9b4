"""What may be taken away from an account: anything, while something else opens it."""

from dataclasses import replace
from uuid import UUID

import pytest

from backend.accounts import logins, password_change
from backend.accounts.desk import Desk
from backend.accounts.domain import LastLogin, Login
from backend.accounts.factors import passkeys
from backend.accounts.factors.errors import LastWayIn as LastPasskey
from backend.accounts.factors.tables import Passkey
from backend.accounts.federation import service as federation
from backend.accounts.federation.errors import LastWayIn as LastIdentity
from backend.accounts.federation.tables import FederatedIdentity
from backend.accounts.messages import NullMessages
from backend.accounts.passwords import Passwords
from backend.accounts.people import add_login
from backend.accounts.repository import set_password_hash
from backend.accounts.tables import SignInSession
from backend.accounts.tokens import AccessTokens
from backend.accounts.ways_in import WaysIn, ways_in
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import DomainError
from infra.ids import uuid7
from infra.vault import Vault, place
from tests.backend.accounts.conftest import EMAIL, PASSWORD, PHONE
from tests.backend.accounts.postbox import Visitor
from tests.backend.accounts.test_recovery import link, refusal
from tests.people import AsPerson, SignedIn

REFUSALS: dict[str, type[DomainError]] = {
    "login": LastLogin, "password": LastLogin, "passkey": LastPasskey, "identity": LastIdentity
}  # fmt: skip


@pytest.mark.parametrize(
    ("ways", "codes", "opens"),
    [
        pytest.param(WaysIn(1, True, 0, 0), False, True, id="a login with a password"),
        pytest.param(WaysIn(1, False, 0, 0), True, True, id="a login to which codes go"),
        pytest.param(WaysIn(2, None, 0, 0), False, False, id="logins to which no code can go"),
        pytest.param(WaysIn(0, True, 0, 0), True, False, id="a password of nobody"),
        pytest.param(WaysIn(0, None, 1, 0), False, True, id="a passkey"),
        pytest.param(WaysIn(0, None, 0, 1), False, True, id="an identity elsewhere"),
    ],
)
def test_something_opens_an_account_or_nothing_does(ways: WaysIn, codes: bool, opens: bool) -> None:
    assert ways.any_open(codes=codes) is opens


@pytest.fixture
def desk(vault: Vault, tokens: AccessTokens) -> Desk:
    """Without a gateway: no code can be sent."""
    places = frozenset({"ministry"})
    return Desk(vault, tokens, Passwords(1), demo=False, messages=None, providers=places)


async def give(owner: SignedIn, way: str, vault: Vault) -> UUID:
    """Rows as linking and registering leave them. "copied" and "gone" open nothing."""
    now, made = owner.clock(), uuid7()
    if way == "login":
        await add_login(vault, owner.id, Login("email", f"{made}@example.org"), proved_at=now)
    elif way == "password":
        await set_password_hash(owner.id, "$argon2id$not looked at here")
    elif way in {"passkey", "copied"}:
        label = vault.seal("我的手机", place(Passkey.label_sealed, made))
        await Passkey.insert(
            Passkey(
                id=made, person=owner.id, credential_id=made.bytes, public_key=b"a key",
                sign_count=0, backed_up=False, label_sealed=label, created_at=now,
                copied_at=now if way == "copied" else None,
            )
        )  # fmt: skip
    else:
        provider = "ministry" if way == "identity" else "not-in-the-file-any-more"
        await FederatedIdentity.insert(
            FederatedIdentity(
                id=made, person=owner.id, provider=provider, subject_index=made.bytes,
                linked_at=now, last_used_at=None,
            )
        )  # fmt: skip
    return made


async def take(owner: SignedIn, way: str, made: UUID, desk: Desk) -> None:
    mine = SignInSession.person == owner.id  # whoever has a passkey is asked for it first
    await SignInSession.update({SignInSession.second_factor_at: owner.clock()}).where(mine)
    if way == "login":
        (only,) = await logins.my_logins(desk.vault, owner.id)
        await logins.remove_login(desk, owner.caller, only.id, now=owner.clock())
    elif way == "password":
        await password_change.remove_password(desk, owner.caller, now=owner.clock())
    elif way == "passkey":
        await passkeys.remove(desk, owner.caller, made, now=owner.clock())
    else:
        await federation.unlink(desk, owner.caller, made, now=owner.clock())


@pytest.mark.parametrize(
    ("has", "taken", "sent"),
    [
        pytest.param("password", "login", False, id="a login with its password"),
        pytest.param("", "passkey", False, id="a passkey"),
        pytest.param("copied", "passkey", False, id="a passkey, where the other was copied"),
        pytest.param("", "identity", True, id="an identity elsewhere"),
        pytest.param("gone", "identity", True, id="an identity, where the other provider is gone"),
        pytest.param("login", "password", False, id="a password, where no code can be sent"),
        pytest.param("login", "passkey", False, id="a passkey, where no code can be sent"),
    ],
)
async def test_the_last_way_in_stays(
    as_person: AsPerson, desk: Desk, has: str, taken: str, sent: bool
) -> None:
    owner = await as_person()
    desk = replace(desk, messages=NullMessages() if sent else None)
    ways = {way: await give(owner, way, desk.vault) for way in [has, taken] if way}
    with pytest.raises(REFUSALS[taken]):
        await take(owner, taken, ways[taken], desk)
    async with UnitOfWork(DB):
        assert (await ways_in(desk, owner.id)).any_open(codes=sent)


@pytest.mark.parametrize(
    ("stays", "taken"),
    [
        pytest.param("identity", "passkey", id="a passkey beside an identity"),
        pytest.param("passkey", "identity", id="an identity beside a passkey"),
        pytest.param("identity", "login", id="a login beside an identity"),
        pytest.param("passkey", "password", id="a password beside a passkey"),
        pytest.param("login", "passkey", id="a passkey beside a login to which codes go"),
    ],
)
async def test_what_is_not_the_last_may_go(
    as_person: AsPerson, desk: Desk, stays: str, taken: str
) -> None:
    owner = await as_person()
    desk = replace(desk, messages=NullMessages())
    ways = {way: await give(owner, way, desk.vault) for way in (stays, taken)}
    await take(owner, taken, ways[taken], desk)
    async with UnitOfWork(DB):
        left = await ways_in(desk, owner.id)
    assert left.any_open(codes=stays == "login")


async def test_a_removed_password_opens_nothing_and_everybody_is_told(visitor: Visitor) -> None:
    headers = await visitor.sign_up(EMAIL, password=PASSWORD)
    there = (await visitor.sign_in(EMAIL, password=PASSWORD)).json()["accessToken"]
    for _ in range(2):  # repeated, it does no more
        removed = await visitor.api.delete("/v1/me/password", headers=headers)
        assert removed.status_code == 204
    assert (await visitor.sign_in(EMAIL, password=PASSWORD)).status_code == 401
    listed = (await visitor.api.get("/v1/me/logins", headers=headers)).json()
    assert listed["password"] is False
    elsewhere = {"Authorization": f"Bearer {there}"}
    assert (await visitor.api.get("/v1/me", headers=elsewhere)).status_code == 401
    assert await visitor.postbox.notices() == {EMAIL: "notice.password-removed"}


async def test_a_removed_login_is_told_as_well(visitor: Visitor) -> None:
    """Else a thief at an open session could take the owner's address away unseen."""
    headers = await visitor.sign_up(EMAIL)
    await link(visitor, PHONE, headers)
    await visitor.postbox.collect()
    listed = (await visitor.api.get("/v1/me/logins", headers=headers)).json()["items"]
    mine = {login["kind"]: login["id"] for login in listed}
    await visitor.api.delete(f"/v1/me/logins/{mine['email']}", headers=headers)
    told = "notice.login-removed"
    assert await visitor.postbox.notices() == {EMAIL: told, PHONE: told}


async def test_an_old_session_removes_no_password(visitor: Visitor, clock: ManualClock) -> None:
    await visitor.sign_up(EMAIL, password=PASSWORD)
    opened = (await visitor.sign_in(EMAIL, password=PASSWORD)).json()
    clock.advance(599)
    refreshed = await visitor.api.post(
        "/v1/sessions/refresh", json={"refreshToken": opened["refreshToken"]}
    )
    headers = {"Authorization": f"Bearer {refreshed.json()['accessToken']}"}
    clock.advance(1)
    refused = await visitor.api.delete("/v1/me/password", headers=headers)
    assert refusal(refused) == (403, "sign-in-not-fresh")
