"""A SeaweedFS of our own: the S3-compatible store of the local stack, loopback only.

`weed server` and not `weed mini`: only it can close the filer's port, which would serve everything
without a password. Telemetry is off.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from infra.local.ports import free_port

BUCKET = "guanbiao"
_STOP_SECONDS = 3  # it takes 15-25 s to stop politely, and loses nothing when killed


class LocalObjects:
    """`folder` holds the volumes, the access key and the server's log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, port: int = 0) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / "data").mkdir(exist_ok=True)
        self._keys = self._access_key()
        self.port = port or free_port()
        self._launch()
        self._wait_until_ready()

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

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        access, secret = self._keys
        return f"http://{access}:{secret}@127.0.0.1:{self.port}/{BUCKET}?region=us-east-1"

    def _access_key(self) -> tuple[str, str]:
        path = self.folder / "s3.json"
        if not path.exists():
            path.touch(mode=0o600)
            credentials = {"accessKey": secrets.token_hex(10), "secretKey": secrets.token_hex(20)}
            identity = {"name": "guanbiao", "credentials": [credentials], "actions": ["Admin"]}
            path.write_text(json.dumps({"identities": [identity]}))
        found = json.loads(path.read_text())["identities"][0]["credentials"][0]
        return found["accessKey"], found["secretKey"]

    def _launch(self) -> None:
        names = ("master", "volume", "filer")
        ports = [f"-{n}.port{kind}={free_port()}" for n in names for kind in ("", ".grpc")]
        with (self.folder / "seaweedfs.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(Path(sys.executable).parent / "weed"),
                    *("-logtostderr=true", "server"),
                    *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={self.folder / 'data'}"),
                    *("-master.telemetry=false", "-master.volumeSizeLimitMB=1024"),
                    *("-volume.max=0", "-master.volumePreallocate=false"),
                    *("-filer", "-filer.disableHttp=true", "-s3"),
                    *(f"-s3.port={self.port}", f"-s3.port.grpc={free_port()}"),
                    *("-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false"),
                    f"-s3.config={self.folder / 's3.json'}",
                    *ports,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "GOMEMLIMIT": "200MiB"},
                start_new_session=True,
            )

    def _wait_until_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"SeaweedFS did not start; see {self.folder / 'seaweedfs.log'}")
