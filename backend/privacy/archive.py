"""The file a person gets: JSON for programs, a page for each area for people, one index."""

import html
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any, cast

import msgspec

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font-family:sans-serif;margin:2rem;max-width:70rem}}
table{{border-collapse:collapse;margin:.5rem 0}}
td,th{{border:1px solid #999;padding:.3rem .6rem;text-align:left;vertical-align:top}}
td{{overflow-wrap:anywhere}}</style></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""
_SEARCHED_AT_MOST = 12
"""Levels of nesting that a page shows as tables; what lies deeper is in the JSON."""


class _Outlet:
    """A file that only goes forward: `zipfile` writes, `taken` empties."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def flush(self) -> None:
        """Nothing lies between."""

    def write(self, some: bytes) -> int:
        self._waiting += some
        return len(some)

    def taken(self) -> bytes:
        some = bytes(self._waiting)
        self._waiting.clear()
        return some


class Archive:
    """A ZIP made area by area; `add` and `end` give the bytes that are ready to be stored."""

    def __init__(self, made_at: datetime) -> None:
        self._outlet = _Outlet()
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._outlet), "w", zipfile.ZIP_DEFLATED)
        self._date = made_at.timetuple()[:6]
        self._made_at = made_at
        self._chapters: list[tuple[str, str]] = []

    def add(self, name: str, title: str, found: dict[str, Any]) -> bytes:
        plain = msgspec.to_builtins(found, str_keys=True)
        self._write(f"{name}.json", msgspec.json.format(msgspec.json.encode(plain), indent=2))
        page = _PAGE.format(title=html.escape(title), body="".join(_shown(plain)))
        self._write(f"{name}.html", page.encode())
        self._chapters.append((name, title))
        return self._outlet.taken()

    def end(self) -> bytes:
        self._write("index.html", self._index().encode())
        self._zip.close()
        return self._outlet.taken()

    def _index(self) -> str:
        rows = "".join(
            f'<li><a href="{name}.html">{html.escape(title)}</a>'
            f' (<a href="{name}.json">JSON</a>)</li>'
            for name, title in self._chapters
        )
        made = self._made_at.isoformat(timespec="seconds")
        return _PAGE.format(
            title="我的个人信息 My personal data",
            body=f"<p>生成时间 made at {made}。时间均为 UTC。All times are UTC.</p><ul>{rows}</ul>",
        )

    def _write(self, name: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(f"guanbiao-my-data/{name}", self._date)
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(entry, content)


def _shown(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > _SEARCHED_AT_MOST:
        yield "…"
    elif isinstance(value, dict):
        yield "<table>"
        for name, inner in value.items():
            yield f"<tr><th>{html.escape(str(name))}</th><td>"
            yield from _shown(inner, depth + 1)
            yield "</td></tr>"
        yield "</table>"
    elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        yield from _rows(value, depth)
    elif isinstance(value, list):
        yield "、".join(html.escape(str(one)) for one in value) or "—"
    else:
        yield "—" if value is None else html.escape(str(value))


def _rows(rows: list[dict[str, Any]], depth: int) -> Iterator[str]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    yield "<table><tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in names) + "</tr>"
    for row in rows:
        yield "<tr>"
        for name in names:
            yield "<td>"
            yield from _shown(row.get(name), depth + 1)
            yield "</td>"
        yield "</tr>"
    yield "</table>"
