"""The same API, but each heartbeat is a transaction of its own on one of the pool's connections:
what group commit is held against. `python -m tests.bench.progress_single` serves as `api` does."""

from typing import TypeVar

from backend.app import create_app
from backend.progress.heartbeats.service import commit
from backend.serve import run
from infra.committer import Committer
from infra.settings import get_settings

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Alone(Committer[Request, Answer]):
    async def submit(self, request: Request) -> Answer:
        return (await self._commit([request]))[0]


def main() -> None:
    settings = get_settings()
    application = create_app(settings)
    application.state["heartbeat_committer"] = Alone(commit)
    run(application, settings)


if __name__ == "__main__":
    main()
