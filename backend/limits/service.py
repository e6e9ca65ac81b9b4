"""Takes one request from each of its limits. The only part that is not one `UnitOfWork` each: a
lease must stand whatever becomes of the request, so it is a statement by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from backend.limits import repository
from backend.limits.domain import By, Counter, KeySpent, Policy, TooOften, network_of, refusal
from backend.limits.policies import POLICIES, RouteClass, class_of
from infra.vault import Vault

_PATIENCE_SECONDS = 3.0
_ALONE_SECONDS = 5
_REMEMBERED = 50_000
_ORGANISATIONS_KEPT_SECONDS = 600

_log = structlog.get_logger(__name__)

OrganisationsOf = Callable[[UUID], Awaitable[Sequence[UUID]]]


async def no_organisations(_: UUID) -> Sequence[UUID]:
    return ()


class Limits:
    """One for each process. `organisations_of` is asked once in ten minutes for each person."""

    def __init__(
        self,
        vault: Vault,
        *,
        factor: int = 1,
        organisations_of: OrganisationsOf = no_organisations,
        policies: dict[RouteClass, tuple[Policy, ...]] = POLICIES,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._vault = vault
        self._organisations_of = organisations_of
        self._patience_seconds = patience_seconds
        self._policies = {
            kind: tuple(p.times(factor) for p in rules) for kind, rules in policies.items()
        }
        self._counters: dict[tuple[str, str | UUID], Counter] = {}
        self._organisations: dict[UUID, tuple[int, Sequence[UUID]]] = {}
        self._underway: dict[bytes, asyncio.Event] = {}
        self._alone_until = 0
        self._no_shares_until = 0

    async def take(
        self, kind: RouteClass, address: str, person: UUID | None, *, at: int
    ) -> list[Counter]:
        """Its counters, one request taken from each. TooOften when one of them has none left."""
        counters = await self._counters_of(kind, address, person, at)
        await self._spend(counters, at)
        return counters

    def of_key(self, method: str, path_template: str, key: UUID, *, at: int) -> list[Counter]:
        """The counters of a certification body's key on this route; for `take_for_key`."""
        kind = class_of(method, path_template)
        policies = self._policies[kind] if kind else ()
        return [self._counter(policy, key, at) for policy in policies if policy.by is By.KEY]

    async def take_for_key(self, counters: list[Counter], *, at: int) -> None:
        """KeySpent, which says when to come again."""
        try:
            await self._spend(counters, at)
        except TooOften as error:
            spent = KeySpent()
            spent.headers["Retry-After"] = error.headers["Retry-After"]
            raise spent from error

    async def _spend(self, counters: list[Counter], at: int) -> None:
        while lacking := [c for c in counters if not self._ready(c, at)]:
            if spent := [c for c in lacking if c.exhausted]:
                raise refusal(counters, spent, at)
            await self._lease(lacking, at)  # meanwhile others may spend: hence anew
        for counter in counters:
            counter.spend()

    def take_at_once(self, kind: RouteClass, person: UUID, *, at: int) -> list[Counter] | None:
        """As `take`, where the person's own counters are all there are and have something left;
        None, and nothing taken, where somebody has to be asked."""
        counters = []
        for policy in self._policies[kind]:
            if policy.by is By.STRANGER:
                continue
            if policy.by is not By.PERSON:
                return None
            counters.append(self._counter(policy, person, at))
        if not all([self._ready(counter, at) for counter in counters]):
            return None
        for counter in counters:
            counter.spend()
        return counters

    def _ready(self, counter: Counter, at: int) -> bool:
        return counter.ready(at, free=at >= self._no_shares_until)

    async def _lease(self, lacking: Sequence[Counter], at: int) -> None:
        """One question at a time for each key: a class that starts together shares its answer."""
        for counter in lacking:
            if underway := self._underway.get(counter.key):
                await underway.wait()
                return
        answered = asyncio.Event()
        self._underway.update((c.key, answered) for c in lacking)
        try:
            leases = await self._leases(lacking, at)
        finally:
            for counter in lacking:
                del self._underway[counter.key]
            answered.set()
        for counter in lacking:
            if found := leases.get(counter.key):
                counter.receive(found.window, found.granted, found.shared_left)
            else:
                counter.count_alone()

    async def _leases(self, lacking: Sequence[Counter], at: int) -> dict[bytes, repository.Lease]:
        """By key; empty when the database cannot be asked, and for some seconds after that."""
        if at < self._alone_until:
            return {}
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await repository.lease(lacking)
        except Exception as error:  # whatever it is, it must not become the request's failure
            _log.warning("rate_limits_alone", error=type(error).__name__)
            self._alone_until = at + _ALONE_SECONDS
            return {}

    async def _counters_of(
        self, kind: RouteClass, address: str, person: UUID | None, at: int
    ) -> list[Counter]:
        found = []
        for policy in self._policies[kind]:
            match policy.by:
                case By.ADDRESS:
                    found.append(self._counter(policy, network_of(address), at))
                case By.STRANGER if person is None:
                    found.append(self._counter(policy, network_of(address), at))
                case By.PERSON if person is not None:
                    found.append(self._counter(policy, person, at))
                case By.ORGANISATION if person is not None:
                    for organisation in await self._where(person, at):
                        found.append(self._counter(policy, organisation, at))
        return found

    def _counter(self, policy: Policy, subject: str | UUID, at: int) -> Counter:
        name = (policy.name, subject)
        counter = self._counters.get(name)
        if counter is None:
            self._make_room(at)
            key = self._vault.index(f"limit\0{policy.name}\0{subject}")[:16]
            phase = int.from_bytes(key[:4], "big") % policy.seconds
            counter = self._counters[name] = Counter(policy, key, phase)
        return counter

    async def _where(self, person: UUID, at: int) -> Sequence[UUID]:
        until, found = self._organisations.get(person, (0, ()))
        if at >= until:
            try:
                found = await self._organisations_of(person)
            except Exception as error:
                _log.warning("organisation_not_counted", error=type(error).__name__)
            if len(self._organisations) >= _REMEMBERED:
                self._organisations.clear()
            self._organisations[person] = (at + _ORGANISATIONS_KEPT_SECONDS, found)
        return found

    def _make_room(self, at: int) -> None:
        """Whoever is forgotten within their window has spent a share that we no longer know of, so
        nobody gets one until all such windows are over."""
        if len(self._counters) < _REMEMBERED:
            return
        going = {n: c for n, c in self._counters.items() if c.number_at(at) > c.window}
        if len(going) < _REMEMBERED // 2:
            going = dict(list(self._counters.items())[: _REMEMBERED // 2])
            self._no_shares_until = at + max((c.resets_in(at) for c in going.values()), default=0)
        for name in going:
            del self._counters[name]


async def forget_ended(now: datetime) -> None:
    """Rows of windows that ended long ago. Any worker may, as often as it likes."""
    while await repository.forget_ended(now):
        pass
