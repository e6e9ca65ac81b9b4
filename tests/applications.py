"""Applications for tests: their routes made once in a process, a state for each."""

from copy import copy
from functools import cache
from tempfile import TemporaryDirectory

from argon2 import PasswordHasher
from litestar import Litestar

from backend.accounts.passwords import Passwords
from backend.app import create_app, state_of
from infra.clock import Clock
from infra.settings import Settings

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Real hashes at the least cost there is: a real one costs more than most tests."""


def application(settings: Settings, clock: Clock) -> Litestar:
    """Any number may live at the same time, as the processes of an instance do."""
    app = copy(with_routes())
    app.state = state_of(settings, clock)
    app.state["passwords"] = Passwords(hasher=QUICK)
    return app


@cache
def with_routes() -> Litestar:
    """Making them costs a core-second, and any application has the same. What settings decide is
    no part of it."""
    with TemporaryDirectory() as folder:
        settings = Settings.model_validate(
            {
                "DATABASE_URL": "postgres://nowhere",
                "OBJECTS_URL": "http://key:secret@nowhere/bucket",
                "data_dir": folder,
            }
        )
        return create_app(settings, own_pool=False)
