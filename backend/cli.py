"""The command `guanbiao`. Work is imported by the command that does it: `--help` is instant."""

import gc
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from backend.attempt_commands import attempts
from backend.audit_commands import audit, privacy
from backend.command_errors import INTERRUPTED, REFUSED, UNEXPECTED, explained
from backend.edition_commands import edition
from backend.item_commands import items
from backend.key_commands import keys
from backend.login_commands import logins
from backend.media_commands import media
from backend.record_commands import records
from backend.remedy_commands import remedy
from backend.second_factor_commands import second_factor
from backend.vault_commands import vault
from backend.witness_commands import witness, witness_keys

# What a command loads stays: a quarter of a million objects, of which not one in a hundred is
# garbage. Looking through them at the usual pace cost a fifth of the time that loading takes.
_OBJECTS_BEFORE_A_LOOK = 100_000

_EXIT_CODES = """
[bold]Exit codes · 退出码[/bold]\n
0 done · 完成\n
1 unexpected fault of ours (a traceback says where) · 意外错误\n
2 wrong use, or input refused with the reason · 用法有误或输入被拒绝\n
3 something of the machine is at fault or unreachable: server, disk, database · 机器或服务不可用\n
`verify` has one code for each verdict: see guanbiao verify --help
"""

app = typer.Typer(
    name="guanbiao",
    help="""Guanbiao 贯标: every hour earned, every record provable. 学时真实，记录可查。

    Begin with these two, each in a terminal of its own · 从这两条开始，各开一个终端：

    [cyan]guanbiao up --demo[/cyan]    a whole instance to play with · 启动完整演示实例

    [cyan]guanbiao demo[/cyan]         from a video to a verified record · 从视频到可查记录
    """,
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

items.command("remedy")(remedy)
for group in (media, edition, items, attempts, records, keys, witness, witness_keys):
    app.add_typer(group)
for group in (vault, audit, privacy, second_factor, logins):
    app.add_typer(group)

Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, for scripts.")
]
Data = Annotated[
    Path,
    typer.Option("--data", envvar="GUANBIAO_DATA_DIR", help="Folder that holds everything."),
]
_HERE = Path(".guanbiao")
# Written out here, because importing the roles would import what --help must not wait for.
RoleName = Literal[
    "learner",
    "author",
    "reviewer",
    "organisation-manager",
    "marker",
    "certifier",
    "inspector",
    "administrator",
]


@app.command()
def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="With demonstration people, lecture and programme.")
    ] = False,
    data: Data = _HERE,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="0: the port of the last start, or a free one.")
    ] = 0,
    host: Annotated[
        str, typer.Option(help="0.0.0.0 lets phones of your network in.")
    ] = "127.0.0.1",
) -> None:
    """Start a whole instance: PostgreSQL, object store, API and worker. Ctrl-C ends all of it.

    启动完整实例；数据保留在 --data 中，再次启动只需几秒。

    Your own servers take the place of ours when DATABASE_URL (with DATABASE_OWNER_URL) or
    OBJECTS_URL is set. The public address in records is fixed at the first start: set
    GUANBIAO_PUBLIC_URL before it, or change it later with guanbiao public-address.

    [cyan]guanbiao up --demo[/cyan]

    [cyan]guanbiao up --data /srv/guanbiao --port 8080[/cyan]
    """
    from backend.up import Instance
    from infra.local.folder import DataFolder

    Instance(DataFolder(data), host, port, demo).run()


@app.command()
def api() -> None:
    """Serve the HTTP API (production; `up` does this for you). 启动 HTTP 接口。

    Settings come from the environment: DATABASE_URL, OBJECTS_URL, GUANBIAO_HOST, GUANBIAO_PORT,
    GUANBIAO_KEYS_DIR ... One process a core, behind a proxy that ends TLS.

    [cyan]GUANBIAO_PORT=8001 guanbiao api[/cyan]
    """
    from backend.serve import serve
    from infra.settings import get_settings

    serve(get_settings())


@app.command()
def worker() -> None:
    """Take jobs: encode lectures, issue records, keep the log (production). 启动任务进程。

    Start one for each core of each machine; kill any of them at any moment: its jobs are taken
    again.

    [cyan]GUANBIAO_PART_CORES=2 guanbiao worker[/cyan]
    """
    import asyncio

    from backend.worker import work
    from infra.settings import get_settings

    asyncio.run(work(get_settings()))


@app.command()
def migrate(as_json: Json = False) -> None:
    """Bring the database to this version: schema, rights, curriculum. 升级数据库。

    Safe to repeat, and to start on several machines at once. Needs DATABASE_OWNER_URL besides
    DATABASE_URL: the application's own role owns no table.

    [cyan]DATABASE_OWNER_URL=postgresql://owner:...@db/guanbiao guanbiao migrate[/cyan]
    """
    import asyncio

    import msgspec

    from backend.prepare import prepare
    from infra.clock import system_clock
    from infra.settings import get_settings

    done = asyncio.run(prepare(get_settings(), system_clock))
    if as_json:
        typer.echo(msgspec.json.encode(done))
        return
    typer.echo(f"公开地址 public address: {done.public_url}")
    for code, sha256 in done.editions.items():
        typer.echo(f"课程版次 edition {code}: sha256 {sha256}")
    for code in done.waiting:
        typer.echo(f"等待发布 waits to be released: {code}")


@app.command()
def demo(
    video: Annotated[
        Path | None, typer.Option(help="Any video of yours; without it, a lecture is drawn.")
    ] = None,
    as_json: Json = False,
    fast: Annotated[
        bool, typer.Option("--fast", help="On a throwaway instance with a clock of its own.")
    ] = False,
    url: Annotated[
        str | None, typer.Option(help="A running instance; default: the one in --data.")
    ] = None,
    data: Data = _HERE,
) -> None:
    """Go the whole way: upload, watch, quiz, record, verification. 走完从上传到验证的全程。

    Over the HTTP API, against the instance that runs from --data or one started for the purpose.
    Ends with one JSON line; exit code 0 when the record's verdict is "valid".

    [cyan]guanbiao demo --fast --json[/cyan]

    [cyan]guanbiao demo --video lecture.mp4[/cyan]
    """
    from backend.demo.command import demo_command
    from infra.local.folder import DataFolder

    running = None if url else DataFolder(data).running()
    raise typer.Exit(demo_command(video, as_json, fast, running.url if running else url))


@app.command()
def transcode(
    file: Annotated[Path, typer.Argument(help="The video.")],
    out_dir: Annotated[Path, typer.Argument(help="Folder to make; must not hold a package yet.")],
    as_json: Json = False,
    av1: Annotated[bool, typer.Option("--av1", help="An AV1 quality besides, for slides.")] = False,
) -> None:
    """Turn one video into a lecture package, with no server. 不启动服务，直接转码一个视频。

    Playlists (HLS/CMAF), segments, poster and manifest. Exit code 2: the file is refused, with
    the reason; 3: a fault of this machine.

    [cyan]guanbiao transcode lecture.mp4 out/[/cyan]
    """
    from media_pipeline.command import transcode_command

    raise typer.Exit(transcode_command(file, out_dir, as_json, av1=av1))


@app.command(name="check-package")
def check_package(
    folder: Annotated[Path, typer.Argument(help="A folder that `transcode` has made.")],
    as_json: Json = False,
) -> None:
    """Hold a lecture package against Apple's and RFC 8216's rules. 按 HLS 规则检查课程包。

    Each finding names its rule by number (docs/hls-rules.md). Exit code 2: a rule that must hold
    does not, or there is no package.

    [cyan]guanbiao check-package out/[/cyan]
    """
    from media_pipeline.command import check_command

    raise typer.Exit(check_command(folder, as_json))


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(help="The .zip or the .pdf of a record.")],
    trust: Annotated[
        Path | None, typer.Option(help="trust.json, got from a source of your own.")
    ] = None,
    status_dir: Annotated[
        Path | None,
        typer.Option(
            "--status", "--status-dir", help="Folder with newer status lists than the bundle's."
        ),
    ] = None,
    holder: Annotated[
        Path | None, typer.Option(help="The holder's own .sd-jwt: who it is, as far as shown.")
    ] = None,
    witnesses: Annotated[
        int | None,
        typer.Option(min=0, max=15, help="How many pinned witnesses must have seen it logged."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a completion record offline, trusting nobody's server. 离线核验培训证明。

    Without --trust nothing is trusted: keys that come in the bundle itself prove nothing.

    Exit codes: 0 valid, 10 status-stale, 11 expired, 12 suspended, 13 revoked, 14 superseded,
    15 not-logged, 16 untrusted-key, 17 tampered, 18 unknown; 2 the bundle cannot be read.

    [cyan]guanbiao verify GB-2026-7K2M-9Q4T-A.zip --trust trust.json[/cyan]
    """
    from backend.records.commands import verify_command

    told = verify_command(bundle, trust, status_dir, as_json, holder=holder, witnesses=witnesses)
    raise typer.Exit(told)


@app.command("audit-log")
def audit_log(
    source: Annotated[str, typer.Argument(help="An instance's address, or a folder of tiles.")],
    kept: Annotated[
        Path | None, typer.Option(help="File with the checkpoint of the last time; made if absent.")
    ] = None,
    trust: Annotated[
        list[Path] | None, typer.Option(help="trust.json of your own; may be given twice.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the whole public log: every leaf, every tile, the signature. 核查公开日志。

    With --kept also that the log continues what was seen the last time: only that finds out a
    history that was rewritten and signed anew. The file is replaced when nothing is wrong.

    With --trust keys and witnesses are those that you know. Where the platform shows demonstration
    records, too, give its trust-demonstration.json beside its trust.json.

    Exit codes: 0 nothing found, 1 problems found (they are listed), 2 the log cannot be read, 3 it
    is whole, and says of some of its times that they are in doubt, which your file does not know.

    [cyan]guanbiao audit-log https://training.example.org[/cyan]
    """
    from backend.records.commands import audit_log_command

    raise typer.Exit(audit_log_command(source, as_json, kept, trust or []))


@app.command()
def openapi() -> None:
    """Print the OpenAPI document; needs no database. 输出接口描述文件。

    [cyan]guanbiao openapi > openapi.json[/cyan]
    """
    from backend.serve import openapi_document

    typer.echo(openapi_document())


@app.command()
def doctor(as_json: Json = False, data: Data = _HERE) -> None:
    """Say what is wrong with this installation, and the cure. 检查安装并给出处理办法。

    Exit code 0: fit to run; 1: something has to be cured first.

    [cyan]guanbiao doctor[/cyan]
    """
    from backend.doctor import doctor_command

    raise typer.Exit(doctor_command(data, as_json))


@app.command("public-address")
def public_address(
    new: Annotated[str, typer.Argument(help="https://training.example.org, with no path.")],
    data: Data = _HERE,
) -> None:
    """Change the address that records carry. Leaves a trace in the public log. 更改公开地址。

    Records already issued keep the old address: keep it answering, or forward it to the new one.

    [cyan]guanbiao public-address https://training.example.org[/cyan]
    """
    from backend.administer import change_public_address

    typer.echo(change_public_address(new, data))


@app.command()
def grant(
    login: Annotated[str, typer.Argument(help="Phone or e-mail of somebody who signed up.")],
    role: Annotated[RoleName, typer.Argument(help="The role.")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take it away instead.")] = False,
    data: Data = _HERE,
) -> None:
    """Give somebody a role: how an installation gets its first author. 授予角色。

    People sign up themselves, as learners; the role counts from their next sign-in.

    [cyan]guanbiao grant wang@example.org author[/cyan]

    [cyan]guanbiao grant wang@example.org author --withdraw[/cyan]
    """
    from backend.administer import change_role

    typer.echo(change_role(login, role, data, withdraw=withdraw))


def main() -> None:
    """Expected errors end in one clear line; only our own faults show a traceback."""
    gc.set_threshold(_OBJECTS_BEFORE_A_LOOK, 20, 20)
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except SystemExit as end:
        if isinstance(end.code, str):  # settings that cannot be: one line that names each
            typer.echo(f"guanbiao: 设置有误 · {end.code}", err=True)
            sys.exit(REFUSED)
        raise
    except Exception as error:
        line, code = explained(error)
        if code == UNEXPECTED:
            raise
        typer.echo(f"guanbiao: {line}", err=True)
        sys.exit(code)


if __name__ == "__main__":
    main()
