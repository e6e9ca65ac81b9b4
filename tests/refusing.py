"""A way to the object store on which chosen requests are refused; all others reach the real one."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Refusal = Literal["full", "broken", "cut off"]
"""507 as MinIO says it; 500 as SeaweedFS says the same; a line that is cut when the store has done
what was asked."""
_CODES = {"full": (507, "XMinioStorageFull"), "broken": (500, "InternalError")}
Refuses = Callable[[str, str], Refusal | None]
"""By method and path."""


class RefusingStore(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._real = urlsplit(url)
        self.host, self.port = self._real.hostname or "", self._real.port or 0
        self.refuses: Refuses = lambda _method, _path: None

    @property
    def url(self) -> str:
        """What `OBJECTS_URL` would be."""
        keys = self._real.netloc.rpartition("@")[0]
        return urlunsplit(self._real._replace(netloc=f"{keys}@127.0.0.1:{self.server_port}"))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RefusingStore

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        refusal = self.server.refuses(self.command, self.path)
        if refusal in _CODES:
            self._say_no(*_CODES[refusal])
            return
        self._ask_real(body, tell=refusal is None)
        self.close_connection = refusal is not None

    def _ask_real(self, body: bytes, *, tell: bool) -> None:
        real = http.client.HTTPConnection(self.server.host, self.server.port)
        real.request(self.command, self.path, body, dict(self.headers.items()))
        answer = real.getresponse()
        content = answer.read()
        real.close()
        if tell:
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "connection"}:
                    self.send_header(name, value)
            if self.command != "HEAD" and answer.getheader("Content-Length") is None:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def _say_no(self, status: int, code: str) -> None:
        content = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _pass_on

    def log_message(self, *_: object) -> None: ...


@contextmanager
def refusing(url: str) -> Iterator[RefusingStore]:
    server = RefusingStore(url)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
