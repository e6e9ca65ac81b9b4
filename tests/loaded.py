"""What the process that tests' forks come from has loaded (tests.forks). No other imports this.

Without looking for garbage: what is loaded stays, and looking through it takes a fifth of the time.
"""

import gc
from importlib import import_module

gc.disable()
for name in (
    *("backend.serve", "backend.worker", "backend.prepare", "backend.administer"),
    *("backend.doctor", "backend.media_commands", "backend.demo.command"),
    *("backend.progress.editions.service", "uvicorn.main"),
):
    import_module(name)
gc.freeze()
gc.enable()
