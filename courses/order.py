"""What comes before what: modules within a programme, programmes before a programme."""

import msgspec

from courses.format import Edition, ModuleOrder, Programme


def module_order(programme: Programme) -> ModuleOrder:
    said = programme.module_order
    return ModuleOrder.FREE if isinstance(said, msgspec.UnsetType) else said


def in_order(programme: Programme) -> bool:
    return module_order(programme) is ModuleOrder.IN_ORDER


def modules_before(programme: Programme, module: str) -> tuple[str, ...]:
    """To be finished before this one may be studied. Electives wait for nothing."""
    if not in_order(programme) or module not in programme.modules:
        return ()
    return programme.modules[: programme.modules.index(module)]


def required(programme: Programme) -> tuple[str, ...]:
    """Codes of the programmes whose record is asked for at enrolment."""
    asked = programme.requires
    return () if isinstance(asked, msgspec.UnsetType) else asked


def circular(edition: Edition) -> list[str]:
    """Programmes that nobody could ever begin, because they wait for themselves."""
    needs = {programme.code: set(required(programme)) for programme in edition.programmes}
    found = []
    for code in needs:
        seen: set[str] = set()
        ahead = set(needs[code])
        while ahead:
            seen |= ahead
            ahead = {n for one in ahead for n in needs.get(one, ())} - seen
        if code in seen:
            found.append(code)
    return found
