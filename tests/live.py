"""A whole instance as its operator starts it: `guanbiao up` in a process of its own."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import httpx

from infra.local.folder import DataFolder, Running
from tests import prepared_cluster
from tests.identity_provider import identity_providers, there
from tests.infra.up import quiet_port
from tests.journeys.recogniser import a_recogniser

ROOT = Path(__file__).parents[1]
LOOK_EVERY = 0.2  # seconds between looks at something that will become true
DEMONSTRATION_LESSON = "/v1/lessons/M02-L01?programme=DEMO"
_ALONE = {
    **dict.fromkeys(("GUANBIAO_API_PROCESSES", "GUANBIAO_WORKERS"), "1"),  # seconds each
    "GUANBIAO_PART_CORES": "0",
}
"""Several instances share the machine, so none takes cores for itself."""
_OWN = ("DATABASE_URL", "DATABASE_OWNER_URL", "OBJECTS_URL", "GUANBIAO_")
T = TypeVar("T")


class Live:
    """A running instance. `running` says its address and the pids of its parts."""

    def __init__(self, process: subprocess.Popen[bytes], folder: DataFolder, log: Path) -> None:
        self.process, self.folder, self._log = process, folder, log

    @property
    def running(self) -> Running:
        found = self.folder.running()
        assert found, f"the instance is not running: {self.said()}"
        return found

    @property
    def base_url(self) -> str:
        return self.running.url

    def said(self) -> str:
        """The end of what `guanbiao up` printed."""
        return self._log.read_text(errors="replace")[-2000:]

    def wait_for(self, what: str, look: Callable[[], T | None], seconds: float = 120) -> T:
        """The first answer of `look` that is true. Fails at once when the instance ends."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(LOOK_EVERY)
        raise AssertionError(f"waited in vain for {what}: {self.said()}")

    def stop(self) -> int:
        """As Ctrl-C does. The exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


def start_instance(
    folder: Path, *arguments: str, demo: bool = True, environment: dict[str, str] | None = None
) -> Live:
    """Returns when the API answers; a demonstration's lecture may still be in the making."""
    log = folder.parent / f"{folder.name}.log"
    command = [sys.executable, "-P", "-m", "backend.cli", "up", "--data", str(folder), *arguments]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_OWN)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--demo"] if demo else command,
            env={**inherited, "PYTHONPATH": str(ROOT), **_ALONE, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    live = Live(process, DataFolder(folder), log)
    try:
        live.wait_for("the API", live.folder.running)
    except AssertionError:
        live.stop()
        raise
    return live


def await_demonstration_lecture(live: Live) -> None:
    # Without authorities, the reading of which takes longer than the rest of a request.
    with httpx.Client(base_url=live.base_url, verify=False) as api:

        def lecture() -> object:
            return api.get(DEMONSTRATION_LESSON).json()["lecture"]

        live.wait_for("the demonstration lecture", lecture, seconds=240)


@contextmanager
def instance(
    folder: Path, *arguments: str, demo: bool = True, environment: dict[str, str] | None = None
) -> Iterator[Live]:
    live = start_instance(folder, *arguments, demo=demo, environment=environment)
    try:
        yield live
    finally:
        live.stop()


@contextmanager
def demonstration() -> Iterator[Live]:
    """With its lecture, a recogniser of speech, and identity providers where there are any."""
    with tempfile.TemporaryDirectory(prefix="guanbiao-live-") as name, ExitStack() as stack:
        Path(name).chmod(0o711)
        port, environment = quiet_port(), {"GUANBIAO_TRANSCRIBER": a_recogniser(Path(name))}
        if there():
            found = identity_providers(f"http://127.0.0.1:{port}", host="localhost")
            environment |= stack.enter_context(found).environment(Path(name))
        data = Path(name) / "data"
        prepared_cluster.copy_to(data / "postgres")
        with instance(data, "--port", str(port), environment=environment) as started:
            await_demonstration_lecture(started)
            yield started
