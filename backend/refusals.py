"""Which refusals a route can give, read from the code that it runs: nobody keeps a list of them.

From the handler, its guards and its dependencies we follow every name that a function uses, as far
as it is ours. Errors that are only caught do not count. What this cannot see is a method of an
object whose type no annotation tells; what it sees too much is an error that some caller catches.
"""

import dis
from collections.abc import Iterator
from functools import cache
from inspect import getattr_static
from types import CodeType, FunctionType, ModuleType
from typing import Any, get_args

from litestar.handlers.base import BaseRouteHandler

from infra.engine import DB
from infra.errors import DomainError, Unavailable

_OURS = ("backend.", "infra.", "media_pipeline.", "courses.")
_RUNS_BY_ITSELF = frozenset({"__init__", "__post_init__", "__call__", "__aenter__", "__aexit__"})

Found = tuple[frozenset[type[DomainError]], frozenset[FunctionType]]


def refusals_of(handler: BaseRouteHandler) -> frozenset[type[DomainError]]:
    waiting = list(_entries(handler))
    seen: set[FunctionType] = set()
    errors: set[type[DomainError]] = set()
    while waiting:
        function = waiting.pop()
        if function not in seen:
            seen.add(function)
            raised, called = _read(function)
            errors |= raised
            waiting += called
    return frozenset(errors)


def _entries(handler: BaseRouteHandler) -> Iterator[FunctionType]:
    yield from _functions(handler.fn)
    for guard in handler.resolve_guards():
        yield from _functions(guard)
    wanted, given = [handler.fn], handler.resolve_dependencies()
    while wanted:  # a dependency may have dependencies
        for name in getattr(wanted.pop(), "__annotations__", {}):
            if provide := given.pop(name, None):
                wanted.append(provide.dependency)
                yield from _functions(provide.dependency)


def _functions(thing: Any) -> Iterator[FunctionType]:
    """A function behind its wrappers; of another callable, its `__call__`."""
    thing = getattr(thing, "fget", getattr(thing, "__func__", thing))
    while hasattr(thing, "__wrapped__"):
        thing = thing.__wrapped__
    if isinstance(thing, FunctionType):
        yield thing
    elif callable(thing) and isinstance(called := type(thing).__call__, FunctionType):
        yield called


@cache
def _read(function: FunctionType) -> Found:
    """What this function raises, and which functions of ours it may call."""
    if not function.__module__.startswith(_OURS):
        return frozenset(), frozenset()
    names = frozenset(_names(function.__code__))
    errors: set[type[DomainError]] = set()
    called: set[FunctionType] = set()
    waiting, seen = [*_named(function, names), *_types(function)], set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if thing is DB:
            errors.add(Unavailable)
        elif isinstance(thing, ModuleType):
            if thing.__name__.startswith(_OURS):
                waiting += [vars(thing)[name] for name in names & vars(thing).keys()]
        elif isinstance(thing, type):
            if issubclass(thing, DomainError):
                errors.add(thing)
            elif thing.__module__.startswith(_OURS):
                inside = (names | _RUNS_BY_ITSELF) & {n for c in thing.__mro__ for n in vars(c)}
                called.update(f for n in inside for f in _functions(getattr_static(thing, n)))
        elif isinstance(thing, dict | tuple | list | frozenset):
            waiting += thing.values() if isinstance(thing, dict) else thing
        else:
            for one in _functions(thing):
                called.add(one)
                waiting += _types(one, only_return=True)
    return frozenset(errors), frozenset(called)


def _named(function: FunctionType, names: frozenset[str]) -> Iterator[Any]:
    yield from (function.__globals__[name] for name in names & function.__globals__.keys())
    yield from (cell.cell_contents for cell in function.__closure__ or ())
    yield from (function.__defaults__ or ())
    yield from (function.__kwdefaults__ or {}).values()


def _types(function: FunctionType, *, only_return: bool = False) -> Iterator[type]:
    annotations = function.__annotations__
    hints = [annotations.get("return")] if only_return else list(annotations.values())
    while hints:
        hint = hints.pop()
        if isinstance(hint, type) and not issubclass(hint, DomainError):
            yield hint
        hints += get_args(hint)


def _names(code: CodeType) -> Iterator[str]:
    """Of globals and attributes, but not of what `except` only catches. Most code catches nothing,
    and to look at each of its steps would take three times as long."""
    yield from _uncaught(code) if _CATCHES in code.co_code[::2] else code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _uncaught(code: CodeType) -> Iterator[str]:
    steps = list(dis.get_instructions(code))
    for at, step in enumerate(steps):
        if step.opname in _LOADS and not _is_caught(steps, at):
            yield str(step.argval)


_CATCHES = dis.opmap["CHECK_EXC_MATCH"]
_LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM"}


def _is_caught(steps: list[dis.Instruction], at: int) -> bool:
    while steps[at].opname in _LOADS | {"BUILD_TUPLE"}:
        at += 1
    return steps[at].opname == "CHECK_EXC_MATCH"
