"""What an installation is called in public, fixed at its first start.

Key ids and record addresses contain the public address, so it must not drift with a port number or
a setting. Changing it is a command of its own that leaves a trace in the public log.
"""

from datetime import datetime
from urllib.parse import urlsplit

from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import Conflict, Invalid
from infra.tables import InstanceFact

_PUBLIC_URL = "public_url"


class NotAnAddress(Invalid):
    """A public address looks like https://example.org, with no path behind it."""

    zh = "公开地址应形如 https://example.org，后面不带路径。"


class PublicAddressFixed(Conflict):
    """The public address was fixed at the first start; unset GUANBIAO_PUBLIC_URL."""

    zh = "公开地址在首次启动时已经固定；请取消 GUANBIAO_PUBLIC_URL 的设置。"


async def public_url() -> str:
    """The fixed address, without a trailing slash. LookupError before the first start."""
    row = await InstanceFact.select(InstanceFact.value).where(InstanceFact.name == _PUBLIC_URL)
    if not row:
        raise LookupError("no public address yet: run `guanbiao migrate` or `guanbiao up` first")
    return str(row[0]["value"])


async def fix_public_url(wanted: str, fallback: str, *, now: datetime) -> str:
    """Fix the address at the first start; afterwards return the fixed one.

    `wanted` is the operator's setting ("" when unset), `fallback` the local address.
    """
    address = _checked(wanted or fallback)
    async with UnitOfWork(DB):
        fact = InstanceFact(name=_PUBLIC_URL, value=address, set_at=now)
        await InstanceFact.insert(fact).on_conflict(action="DO NOTHING")
        fixed = await public_url()
    if wanted and _checked(wanted) != fixed:
        raise PublicAddressFixed(
            f"the public address is {fixed} since the first start; unset GUANBIAO_PUBLIC_URL",
            zh=f"公开地址自首次启动起固定为 {fixed}；请取消 GUANBIAO_PUBLIC_URL 的设置。",
        )
    return fixed


async def change_public_url(new: str, *, now: datetime) -> str:
    """Only from `records.service.change_public_address`, which leaves the trace in the log."""
    address = _checked(new)
    await InstanceFact.update({InstanceFact.value: address, InstanceFact.set_at: now}).where(
        InstanceFact.name == _PUBLIC_URL
    )
    return address


def _checked(address: str) -> str:
    parts = urlsplit(address.rstrip("/"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise NotAnAddress
    return address.rstrip("/")
