"""A real instance, not a demonstration, whose messages go to a postbox that tests can read."""

from uuid import UUID

import httpx

from backend.accounts.codes.service import (
    deliver_code,
    deliver_notice,
    deliver_sealed_notice,
)
from backend.accounts.codes.texts import notice_text
from backend.accounts.domain import Login
from backend.accounts.messages import Text
from infra.clock import Clock
from infra.queue import payload_of
from infra.vault import Vault
from tests.agreed import AGREED
from tests.one_connection import connection


class Postbox:
    """The port of messages, kept in memory."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self.sent: list[tuple[Login, Text]] = []
        self._vault, self._clock, self._done = vault, clock, 0

    async def send(self, to: Login, text: Text) -> None:
        self.sent.append((to, text))

    async def collect(self) -> list[tuple[Login, Text]]:
        """Does the queued jobs of this test, as the worker would; what they newly sent."""
        already = len(self.sent)
        for row in await connection().fetch(
            "SELECT id, entrypoint, payload FROM pgqueuer WHERE id > $1"
            " AND entrypoint IN ('send_code', 'send_notice') ORDER BY id",
            self._done,
        ):
            self._done, said = row["id"], payload_of(row["payload"])
            if row["entrypoint"] == "send_code":
                code_id = UUID(str(said["code_id"]))
                await deliver_code(self._vault, self, code_id, now=self._clock())
            else:
                what = str(said["notice"])
                if "sealed" in said:
                    sealed = bytes.fromhex(str(said["sealed"]))
                    await deliver_sealed_notice(self._vault, self, sealed, what)
                else:
                    index = bytes.fromhex(str(said["login"]))
                    await deliver_notice(self._vault, self, index, what)
        return self.sent[already:]

    async def notices(self) -> dict[str, str]:
        """Login -> template of each notice that was newly sent."""
        kinds = {notice_text("recovered").template.partition(".")[0]}
        found = await self.collect()
        return {to.value: t.template for to, t in found if t.template.partition(".")[0] in kinds}


class Visitor:
    """Somebody at the API of the real instance."""

    def __init__(self, api: httpx.AsyncClient, postbox: Postbox) -> None:
        self.api, self.postbox = api, postbox

    async def ask(self, login: str, purpose: str, **headers: str) -> httpx.Response:
        body = {"login": login, "purpose": purpose}
        return await self.api.post("/v1/codes", json=body, headers=headers)

    async def proof(self, login: str, purpose: str, **headers: str) -> dict[str, str]:
        """The code as its owner reads it; "000000" where the message holds none."""
        asked = await self.ask(login, purpose, **headers)
        assert asked.status_code == 202, asked.text
        (_, text), *more = await self.postbox.collect()
        assert not more
        return {"codeId": asked.json()["codeId"], "code": text.code or "000000"}

    async def sign_up(self, login: str, **more: str) -> dict[str, str]:
        """Headers of the new person, who has a password only if `more` names it."""
        kind = "email" if "@" in login else "phone"
        proof = await self.proof(login, "sign-up")
        body = {"name": "王小明", kind: login, "agreed": AGREED, **proof, **more}
        made = await self.api.post("/v1/people", json=body)
        assert made.status_code == 201, made.text
        return {"Authorization": f"Bearer {made.json()['session']['accessToken']}"}

    async def sign_in(self, login: str, **proof: str) -> httpx.Response:
        return await self.api.post("/v1/sessions", json={"login": login, **proof})
