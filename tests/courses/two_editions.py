"""Two editions made from ours, for tests of what changes from one to the next.

The demonstration takes L01 to L05 of module M02 in the first. In the second L01 and L05 are the
same, L02 is changed, L03 gone, L04 moved to L08, and L07 is new.
"""

import shutil
from pathlib import Path

import msgspec

from courses.format import Edition, ModuleRequirement
from courses.rules import ModuleRuleGiven, RulesGiven
from tests.courses import CONTENT

ASKED = ["M02-L01", "M02-L02", "M02-L03", "M02-L04", "M02-L05"]
ASKS = ["M02-L01", "M02-L02", "M02-L05", "M02-L07", "M02-L08"]
KEPT = {"M02-L01": "M02-L01", "M02-L04": "M02-L08", "M02-L05": "M02-L05"}


def first_edition(folder: Path) -> Path:
    shutil.copytree(CONTENT, folder)
    asked = ", ".join(f'"{code}"' for code in ASKED)
    rewrite(folder / "programmes.toml", 'lessons = ["M02-L01"]', f"lessons = [{asked}]")
    return folder


def second_edition(first: Path, folder: Path) -> Path:
    shutil.copytree(first, folder)
    module = folder / "M02"
    rewrite(folder / "edition.toml", 'code = "2026.1"', 'code = "2026.2"')
    rewrite(module / "M02-L02.md", "。", "（本版修订）。")
    for old, new in (("M02-L03", "M02-L07"), ("M02-L04", "M02-L08")):
        for ending in (".md", ".toml"):
            (module / f"{old}{ending}").rename(module / f"{new}{ending}")
        rewrite(module / f"{new}.toml", old, new, times=-1)
        rewrite(module / "module.toml", f'code = "{old}"', f'code = "{new}"')
        rewrite(module / "bank.toml", f'lesson = "{old}"', f'lesson = "{new}"', times=-1)
    rewrite(module / "M02-L07.md", "。", "（新的一节）。", times=3)
    asked, asks = (", ".join(f'"{code}"' for code in codes) for codes in (ASKED, ASKS))
    rewrite(folder / "programmes.toml", f"lessons = [{asked}]", f"lessons = [{asks}]")
    return folder


def rewrite(path: Path, old: str, new: str, *, times: int = 1) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, times), encoding="utf-8")


def yearly(edition: Edition) -> Edition:
    """The demonstration is begun anew each year."""
    demo = msgspec.structs.replace(edition.programme("DEMO"), yearly=True)
    others = (one for one in edition.programmes if one.code != "DEMO")
    return msgspec.structs.replace(edition, programmes=(*others, demo))


def taught_in_a_room(edition: Edition) -> Edition:
    """The demonstration asks for two hours of class and for no lesson."""
    hours = ModuleRequirement(modules=("M02",), class_hours=2)
    rule = ModuleRuleGiven(lessons_percent=0, class_session_hours=2)
    demo = msgspec.structs.replace(
        edition.programme("DEMO"), requirements=(hours,), rules=RulesGiven(module=rule)
    )
    others = (one for one in edition.programmes if one.code != "DEMO")
    return msgspec.structs.replace(edition, programmes=(*others, demo))
