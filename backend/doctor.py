"""`guanbiao doctor`: what is wrong with this installation, and the cure.

Each check finds one thing and never raises: a check that fails to run is itself a finding.
"""

import asyncio
import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import asyncpg
import msgspec
import typer
from rich.console import Console

from backend.up import answers
from infra.clock import system_clock
from infra.local.folder import DataFolder, Running
from infra.local.install import BROWSERS
from infra.local.ports import is_free
from infra.local.processes import Mark
from infra.migrate import pending
from infra.objects import ObjectStore, StoreFull

FIT, TO_CURE = 0, 1
_NEEDED_BYTES = 3 << 30
_PROBE = "doctor/probe"
_ROOT = Path(__file__).resolve().parents[1]
_BUNDLE = _ROOT / "backend" / "web" / "static" / "built"
_MARKS = {"ok": ("✓", "green"), "note": ("·", "yellow"), "wrong": ("✗", "red")}


_LOG_PATIENCE = timedelta(minutes=1)
_UNSIGNED = """
SELECT count(*), min(since) AS since, max(since) AS until FROM (
    SELECT dated_at AS since FROM log_pending
    UNION ALL
    SELECT (convert_from(entry, 'UTF8')::json ->> 'ts')::timestamptz FROM log_leaf
    WHERE leaf_index >= (SELECT coalesce(max(tree_size), 0) FROM log_checkpoint)
) AS unsigned
"""
_ANY_CURE = "guanbiao media list --state queued"
_CURES = {
    "disk-full": "make room on the workers' disks (GUANBIAO_DATA_DIR)",
    "store-full": "make room in the object store, or guanbiao media purge",
    "store-unreachable": "can the workers reach OBJECTS_URL, and has the store room?",
    "database-away": "can the workers reach DATABASE_URL?",
}


class Finding(msgspec.Struct, frozen=True):
    """`note`: works without it, worth knowing. `wrong`: something will not work."""

    name: str
    state: Literal["ok", "note", "wrong"]
    found: str
    cure: str = ""


def ok(name: str, found: str) -> Finding:
    return Finding(name, "ok", found)


def wrong(name: str, found: str, cure: str) -> Finding:
    return Finding(name, "wrong", found, cure)


def note(name: str, found: str, cure: str = "") -> Finding:
    return Finding(name, "note", found, cure)


def doctor_command(data: Path, as_json: bool) -> int:
    findings = list(examine(DataFolder(data)))
    fit = all(finding.state != "wrong" for finding in findings)
    if as_json:
        document = {"fit": fit, "findings": findings}
        typer.echo(msgspec.json.format(msgspec.json.encode(document)))
    else:
        _show(findings, fit)
    return FIT if fit else TO_CURE


def _show(findings: list[Finding], fit: bool) -> None:
    console = Console(highlight=False)
    for finding in findings:
        mark, colour = _MARKS[finding.state]
        line = f"{mark} {finding.name:<13} {finding.found}"
        console.print(line, style=colour, markup=False, soft_wrap=True)
        if finding.cure:
            console.print(f"  {'':<13} → {finding.cure}", markup=False, soft_wrap=True)
    console.print("可以运行 · fit to run" if fit else "请先处理 ✗ 各项 · cure what is marked ✗")


def examine(folder: DataFolder) -> Iterator[Finding]:
    running = folder.running()
    environment = {**(running.environment if running else {}), **os.environ}
    checks: list[Callable[[], Finding]] = [
        python,
        packages,
        media_tools,
        av1,
        sandbox,
        browser,
        pages,
        clock,
        lambda: data_folder(folder.path),
        lambda: disk(folder.path),
        lambda: scratch_room(environment.get("GUANBIAO_DATA_DIR", ""), folder.path),
        lambda: ports(folder, running),
        lambda: instance(running),
        lambda: database(environment.get("DATABASE_URL", "")),
        lambda: migrations(environment.get("DATABASE_URL", "")),
        lambda: object_store(environment.get("OBJECTS_URL", "")),
        lambda: waiting_lectures(environment.get("DATABASE_URL", "")),
        lambda: records_aside(environment.get("DATABASE_URL", "")),
        lambda: public_log(environment.get("DATABASE_URL", "")),
    ]
    for check in checks:
        try:
            yield check()
        except Exception as error:
            name = getattr(check, "__name__", "check").strip("<>")
            yield wrong(name, f"could not be examined: {error!r}", "report this to us")


def python() -> Finding:
    """An older one could not even have compiled this file."""
    return ok("python", f"{sys.version.split()[0]} at {sys.executable}")


def packages() -> Finding:
    absent = []
    for needed in importlib.metadata.requires("guanbiao") or []:
        name, marker = (needed.split(";")[0], ";" in needed)
        plain = name.split("[")[0].split("=")[0].split("<")[0].split(">")[0].strip()
        if not marker and not _installed(plain):
            absent.append(plain)
    if absent:
        return wrong("packages", f"missing: {', '.join(absent)}", "make install")
    return ok("packages", "all there")


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def media_tools() -> Finding:
    from media_pipeline.running.tools import missing

    absent = missing()
    if absent:
        return wrong("media tools", "; ".join(absent), "make install, or name a complete ffmpeg")
    return ok("media tools", "ffmpeg, ffprobe and packager can do what we ask")


def av1() -> Finding:
    from media_pipeline.running.tools import AV1_ENCODER, has_encoder

    if has_encoder(AV1_ENCODER):
        return ok("av1", f"{AV1_ENCODER} makes the AV1 rung where authors ask for it")
    return note(
        "av1", f"ffmpeg lacks {AV1_ENCODER}: lectures do without AV1", "name a complete ffmpeg"
    )


def sandbox() -> Finding:
    from media_pipeline.running.launch import host

    if host().bwrap:
        return ok("sandbox", "bubblewrap shuts uploads away from this machine")
    if shutil.which("bwrap"):
        return note("sandbox", "bubblewrap may not work here (container?); limits still hold")
    return note("sandbox", "no bubblewrap: limits hold, but no walls", "apt-get install bubblewrap")


def browser() -> Finding:
    if any(map(shutil.which, BROWSERS)):
        return ok("browser", "Chromium for the tests")
    return note("browser", "no Chromium: browser tests will skip", "apt-get install chromium")


def pages() -> Finding:
    if _BUNDLE.is_dir() and any(_BUNDLE.iterdir()):
        return ok("pages", "scripts and styles are bundled")
    return wrong("pages", "scripts and styles of the pages are not bundled", "make install")


def clock() -> Finding:
    """Records carry times: before the code was written is certainly wrong."""
    now, written = system_clock(), datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if (written - now).total_seconds() > 86_400:
        return wrong("clock", f"{now:%F %T} UTC is before this file was written", "set the clock")
    return ok("clock", f"{now:%F %T} UTC")


def data_folder(path: Path) -> Finding:
    nearest = next(part for part in (path, *path.parents) if part.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        return wrong("data folder", f"cannot write in {nearest}", "choose another with --data")
    keys = path / "keys"
    if keys.is_dir() and keys.stat().st_mode & 0o077:
        return wrong("data folder", f"others can read {keys}", f"chmod -R go-rwx '{keys}'")
    return ok("data folder", str(path))


def disk(path: Path) -> Finding:
    nearest = next(part for part in (path, *path.parents) if part.exists())
    free = shutil.disk_usage(nearest).free
    found = f"{free / 2**30:.1f} GiB free at {nearest}"
    if free < _NEEDED_BYTES:
        return wrong("disk", found, "make room: a lecture needs several times its own size")
    return ok("disk", found)


def scratch_room(data_dir: str, path: Path) -> Finding:
    """Where a worker keeps sources and what it encodes; only worth a line if it is elsewhere."""
    folder = Path(data_dir or path) / "scratch"
    nearest = next(part for part in (folder, *folder.absolute().parents) if part.exists())
    free = shutil.disk_usage(nearest).free
    found = f"{free / 2**30:.1f} GiB free for encoding at {nearest}"
    if free < _NEEDED_BYTES:
        cure = "make room, or set GUANBIAO_DATA_DIR of the worker to a larger disk"
        return wrong("scratch", found, cure)
    return ok("scratch", found)


def ports(folder: DataFolder, running: Running | None) -> Finding:
    kept = folder.ports().api or 8000
    if running or is_free(kept):
        return ok("port", f"{kept}")
    return note(
        "port",
        f"{kept} is taken by another program: the next start chooses another",
        "free it, or accept: records keep the public address they were given",
    )


def instance(running: Running | None) -> Finding:
    if running is None:
        return note("instance", "none runs from this folder", "guanbiao up")
    dead = [name for name, pid in running.pids.items() if not _alive(pid)]
    if dead:
        return wrong("instance", f"not running: {', '.join(dead)}", "see the logs in --data/logs")
    if not answers(f"{running.url}/healthz"):
        return wrong("instance", f"{running.url} does not answer", "see logs/api.log in --data")
    return ok("instance", f"{running.url} (public address {running.public_url})")


def _alive(pid: int) -> bool:
    try:
        return Mark.of(pid).process() is not None
    except Exception:
        return False


def database(url: str) -> Finding:
    if not url:
        return note("database", "no DATABASE_URL, and no instance runs to ask")
    try:
        version, verbosity = asyncio.run(_version(url))
    except (OSError, asyncpg.PostgresError) as error:
        return wrong("database", str(error), "is it running, and is DATABASE_URL right?")
    if version < 15:
        return wrong("database", f"PostgreSQL {version}", "PostgreSQL 15 or newer is needed")
    if verbosity != "terse":
        found = f"PostgreSQL {version} writes rows that break a rule into its log, names and all"
        return note("database", found, "ALTER SYSTEM SET log_error_verbosity = 'terse'")
    return ok("database", f"PostgreSQL {version}")


async def _version(url: str) -> tuple[int, str]:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        verbosity = await connection.fetchval("SHOW log_error_verbosity")
        return int(connection.get_server_version().major), str(verbosity)
    finally:
        await connection.close()


def migrations(url: str) -> Finding:
    if not url:
        return note("schema", "no database to look at")
    waiting = asyncio.run(pending(url))
    if waiting:
        return wrong("schema", f"not migrated: {', '.join(waiting)}", "guanbiao migrate")
    return ok("schema", "up to date")


def object_store(url: str) -> Finding:
    """One that is full answers still, and takes nothing."""
    if not url:
        return note("objects", "no OBJECTS_URL, and no instance runs to ask")
    store = ObjectStore.from_url(url)
    try:
        asyncio.run(store.list_names(_PROBE))
    except Exception as error:
        return wrong("objects", f"{error}", "is it running, and is OBJECTS_URL right?")
    try:
        asyncio.run(_give(store))
    except Exception as error:
        found = "no room" if isinstance(error, StoreFull) else f"{error.__cause__ or error}"
        return wrong("objects", f"it takes nothing: {found}", "make room; may our key write?")
    return ok("objects", "the store answers, accepts our key and takes what it is given")


async def _give(store: ObjectStore) -> None:
    await store.put_bytes(_PROBE, b"doctor", "text/plain")
    await store.remove(_PROBE)


def waiting_lectures(url: str) -> Finding:
    """Work that stands still because a machine lacks something goes on by itself, once cured."""
    if not url:
        return note("lectures", "no database to look at")
    rows = asyncio.run(_lacks(url))
    if not rows:
        return ok("lectures", "none stands still")
    found = ", ".join(f"{count} wait: {code}" for code, count in rows)
    return wrong("lectures", found, "; ".join(_CURES.get(code, _ANY_CURE) for code, _ in rows))


async def _lacks(url: str) -> list[tuple[str, int]]:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        rows = await connection.fetch(
            "SELECT waiting_for ->> 'code' AS code, count(*) AS count FROM lecture"
            " WHERE state IN ('queued', 'processing') AND jsonb_typeof(waiting_for) = 'object'"
            " AND waiting_for ->> 'code' <> 'in-the-making' GROUP BY 1 ORDER BY 1"
        )
    finally:
        await connection.close()
    return [(row["code"], row["count"]) for row in rows]


def records_aside(url: str) -> Finding:
    """Somebody waits for each of these, and nothing goes on by itself."""
    if not url:
        return note("records", "no database to look at")
    count = asyncio.run(_aside(url))
    if not count:
        return ok("records", "none is put aside")
    return wrong("records", f"{count} cannot be signed as they are", "guanbiao records aside")


async def _aside(url: str) -> int:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return int(
            await connection.fetchval("SELECT count(*) FROM due_record WHERE state = 'quarantined'")
        )
    finally:
        await connection.close()


def public_log(url: str) -> Finding:
    """Entries have their place and a signature within a second; until then no record is found."""
    if not url:
        return note("log", "no database to look at")
    count, since, until = asyncio.run(_unsigned(url))
    if count and system_clock() - since >= _LOG_PATIENCE:
        found = f"it stands still: {count} entries wait, the oldest since {since:%F %T} UTC"
        asked = "does a worker run, does the store take what it is given, are the clocks right?"
        return wrong("log", found, f"{asked} The worker's log says which")
    if count and until - system_clock() > _LOG_PATIENCE:
        found = f"entries wait for a time to come, the last for {until:%F %T} UTC"
        return wrong("log", found, "the clock of a server is ahead: set it right")
    return ok("log", "all entries are signed")


async def _unsigned(url: str) -> tuple[int, datetime, datetime]:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        row = await connection.fetchrow(_UNSIGNED)
    finally:
        await connection.close()
    return row["count"], row["since"], row["until"]
