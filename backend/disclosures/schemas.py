"""What may be asked for."""

import msgspec

from backend.records.holder.domain import FIELDS as FIELDS
from infra.errors import Invalid


class UnknownField(Invalid):
    """There is no such field; leave `show` out for all, or name some of those in the API's page."""

    zh = "没有这个字段；不填 show 表示全部，或从接口文档所列字段中选择。"


class KnownFields(msgspec.Struct, frozen=True):
    fields: list[str]


def fields(show: str) -> tuple[str, ...]:
    """UnknownField."""
    wanted = tuple(filter(None, map(str.strip, show.split(","))))
    if unknown := [name for name in wanted if name not in FIELDS]:
        raise UnknownField(fields={"show": f"{UnknownField.zh} {unknown[0][:40]}"})
    return wanted or FIELDS
