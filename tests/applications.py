"""The application for tests: made once in a process for each settings, its state anew each time."""

from litestar import Litestar

from backend.app import create_app, state_of
from infra.clock import Clock
from infra.settings import Settings

_made: dict[tuple[str, int], Litestar] = {}


def application(settings: Settings, clock: Clock, number: int = 0) -> Litestar:
    """Making it costs 0.4 s, and all that a test could leave behind in it is its state.

    `number` is another for each that lives at the same time, as processes of one instance do.
    """
    key = settings.model_dump_json(), number
    if key not in _made:
        _made[key] = create_app(settings, clock, own_pool=False)
    _made[key].state = state_of(settings, clock)
    return _made[key]
