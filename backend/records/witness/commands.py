"""`guanbiao witness`: watching a log for those who rely on it. No database, no framework.

Exit codes of `run`: 0 signed, or nothing was new; 3 the log, this machine or its answers are out of
reach or no good; 4 signed, but the log did not take it; 20 the log rewrote its history.
"""

import secrets
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Event

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.records.terminal import complain, plain
from backend.records.verdict.notes import NoteKey
from backend.records.verdict.refusal import Refused
from backend.records.witness.keeping import AnotherRuns, WitnessFolder
from backend.records.witness.visiting import Address, HistoryRewritten, Visit, visit
from infra.clock import system_clock

SIGNED, REFUSED, OUT_OF_REACH, NOT_TAKEN, REWRITTEN = 0, 2, 3, 4, 20
Clock = Callable[[], datetime]


def init_command(folder: Path, name: str) -> int:
    try:
        key = Ed25519PrivateKey.from_private_bytes(secrets.token_bytes(32))
        made = WitnessFolder.create(folder, name, key)
    except Refused as error:
        complain("witness", error)
        return REFUSED
    print(made.note_key.text)
    return SIGNED


def run_command(
    folder: Path,
    address: Address,
    log_key: str,
    every: float | None,
    *,
    clock: Clock = system_clock,
    stop: Event | None = None,
) -> int:
    """`every`: seconds between visits; None: one visit."""
    try:
        witness, log = _witness_in(folder), _key_of_log(log_key)
        with witness.alone():
            _ = witness.of_log(log).kept  # damaged, a person has to say what to go on from
            return _visits(witness, address, log, every, clock, stop or _stopped_by_signals())
    except (Refused, AnotherRuns, OSError) as error:
        complain("witness", error)
        return REFUSED


def _witness_in(folder: Path) -> WitnessFolder:
    try:
        return WitnessFolder(folder)
    except FileNotFoundError as error:
        raise Refused(
            f"{folder} 中没有见证方，请先运行 guanbiao witness init ·"
            " no witness in this folder; make one with `guanbiao witness init`"
        ) from error


def _key_of_log(text: str) -> NoteKey:
    try:
        return NoteKey.parse(text)
    except Refused as error:
        raise Refused(
            "日志公钥形如 origin+hash+key，见该平台 trust.json 的 log.key ·"
            f" a log's key looks like origin+hash+key, `log.key` of its trust.json ({error})"
        ) from error


def _visits(
    witness: WitnessFolder,
    address: Address,
    log: NoteKey,
    every: float | None,
    clock: Clock,
    stop: Event,
) -> int:
    while True:
        code = _visited(witness, address, log, clock)
        if every is None or code == REWRITTEN:
            return code
        if stop.wait(every):
            return SIGNED


def _visited(witness: WitnessFolder, address: Address, log: NoteKey, clock: Clock) -> int:
    try:
        done = visit(witness, address, log, clock)
    except HistoryRewritten as error:
        print(plain(_alarm(log, error)), file=sys.stderr)
        return REWRITTEN
    except (OSError, Refused) as error:
        complain(f"witness: {log.name}", error)
        return OUT_OF_REACH
    print(plain(_told(log, done)), flush=True)
    return NOT_TAKEN if done.refused else SIGNED


def _told(log: NoteKey, done: Visit) -> str:
    if done.refused:
        return (
            f"! {log.name}: 已签名 {done.size}，但未被接收 · signed at {done.size} leaves, but not"
            f" taken: {done.refused}"
        )
    if not done.signed:
        return f"  {log.name}: 无新内容 · nothing new at {done.size} leaves"
    sizes = ", ".join(map(str, done.signed))
    return f"✓ {log.name}: 已见证 · cosigned at {sizes} leaves"


def _alarm(log: NoteKey, error: HistoryRewritten) -> str:
    return (
        f"✗ {log.name}: 日志历史被改写，未签名 · THE LOG REWROTE ITS HISTORY, nothing was signed\n"
        f"  {error}\n"
        f"  证据 · both checkpoints, signed by the log itself, lie in {error.evidence}\n"
        "  请告知所有依赖该日志的人 · show them to everybody who relies on this log"
    )


def _stopped_by_signals() -> Event:
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
