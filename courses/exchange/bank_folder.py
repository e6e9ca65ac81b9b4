"""A module's folder as a bank: what it holds, and where imported items go."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from courses.authored import Report as Reading
from courses.bank_files import items_of
from courses.exchange.bank_writing import bank_text
from courses.exchange.filing import Place
from courses.exchange.report import Refused
from courses.items.item import Item
from courses.items.kinds import Level
from courses.problem import ContentUnreadable

BANK = "bank.toml"


class BankFolder:
    """Raises Refused where there is no module, ContentUnreadable where its files have faults."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / BANK
        if not (folder / "module.toml").is_file():
            zh = f"{folder} 中没有 module.toml，不是模块文件夹"
            raise Refused(zh, f"{folder} holds no module.toml: name a module's folder")
        reading = Reading(folder)
        module = reading.read(folder / "module.toml").table
        self._said = {name: str(module.get(name, "")) for name in ("code", "topic")}
        if not re.fullmatch(r"[A-Za-z0-9]{1,16}", self._said["code"]):
            raise Refused("module.toml 没有可用的 code", "module.toml says no code such as M02")
        exists = self.path.exists()
        self.items: Sequence[Item] = items_of(reading.read(self.path), module) if exists else ()
        if reading.problems:
            raise ContentUnreadable(reading.problems)

    def place(self, level: Level, *, emptied: bool) -> Place:
        """`emptied`: its present items will be gone, so that their codes are free."""
        taken = frozenset[str]() if emptied else frozenset(item.id for item in self.items)
        code, topic = self._said["code"], self._said["topic"]
        return Place(module=code, topic=topic, level=level, taken=taken)

    def images(self) -> dict[str, bytes]:
        """File name (`<sha256>.png`) -> content."""
        folder = self.folder / "images"
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        return {path.name: path.read_bytes() for path in found if path.is_file()}

    def save(self, items: Sequence[Item], images: Mapping[str, bytes], *, emptied: bool) -> None:
        """Whole or not at all: written beside, then put in the place of the file before."""
        for name, content in images.items():
            (self.folder / "images").mkdir(exist_ok=True)
            (self.folder / "images" / name).write_bytes(content)
        place = {"module": self._said["code"], "topic": self._said["topic"]}
        before = "" if emptied or not self.path.exists() else self.path.read_text("utf-8")
        between = "\n" if before and not before.endswith("\n\n") else ""
        beside = self.path.with_suffix(".toml.new")
        beside.write_text(before + between + bank_text(items, place), encoding="utf-8")
        beside.replace(self.path)
