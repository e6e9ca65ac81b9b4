"""The demonstration's view of the API: plain HTTP, as any phone or program would use it."""

import time
from typing import Any

import httpx

_PATIENCE_SECONDS = 30
_BETWEEN_TRIES_SECONDS = 0.5


class Refused(Exception):
    """The server said no; the message is the server's own, in both languages where it has both."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


class Unreachable(Exception):
    """Nothing answers at the instance's address."""


class Person:
    """Somebody signed in (or nobody): every call carries the access token it holds."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self.token = ""

    def sign_in(self, login: str, password: str) -> "Person":
        answer = self.post("/v1/sessions", login=login, password=password)
        self.token = answer["accessToken"]
        if code := answer.get("demonstrationCode"):
            answer = self.post("/v1/sessions/current/second-factor", code=code)
            self.token = answer["accessToken"]
        return self

    def sign_up(self, name: str, email: str, password: str) -> "Person":
        """By a code, which only a demonstration shows to whoever asks for it."""
        asked = self.post("/v1/codes", login=email, purpose="sign-up")
        proof = {"codeId": asked["codeId"], "code": asked["demonstrationCode"]}
        agreed = [
            {"purpose": notice["purpose"], "version": notice["version"]}
            for notice in self.get("/v1/privacy-notices")["items"]
            if notice["neededForAccount"]
        ]
        made = self.post(
            "/v1/people", name=name, email=email, password=password, agreed=agreed, **proof
        )
        self.token = made["session"]["accessToken"]
        return self

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def get(self, path: str, **query: str) -> Any:
        return self._read(self.raw("GET", path, params=query))

    def post(self, path: str, **body: object) -> Any:
        return self._read(self.raw("POST", path, json=body))

    def put(self, path: str, **body: object) -> Any:
        return self._read(self.raw("PUT", path, json=body))

    def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; a line that breaks or a server that restarts is waited out."""
        headers = {"Accept-Language": "zh-CN", **self.headers, **options.pop("headers", {})}
        patience = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                answer = self._http.request(method, path, headers=headers, **options)
            except httpx.TransportError as error:
                if time.monotonic() > patience:
                    raise Unreachable(f"{self._http.base_url}: {error}") from error
            else:
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return answer
                if time.monotonic() > patience:
                    return answer
            time.sleep(_BETWEEN_TRIES_SECONDS)

    def _read(self, answer: httpx.Response) -> Any:
        if answer.is_success:
            return answer.json() if answer.content else None
        try:
            problem = answer.json()
        except ValueError:
            problem = {}
        code = str(problem.get("code", f"http-{answer.status_code}"))
        fields = "; ".join(f"{k}: {v}" for k, v in problem.get("fields", {}).items())
        detail = str(problem.get("detail", answer.text[:200]))
        raise Refused(answer.status_code, code, f"{detail} {fields}".strip())
