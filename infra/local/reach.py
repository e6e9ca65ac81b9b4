"""Where PostgreSQL's files live when its user cannot come to them.

Started by root, PostgreSQL runs as the unprivileged user 65534. Under a closed home folder (0700,
root's own for one) that user reaches neither the cluster nor the programs; both then live in a
folder of their own, which the data folder remembers.
"""

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from infra.errors import Conflict

NOBODY = 65534
ELSEWHERE = Path("/var/lib/guanbiao")
_POINTER, _OWNER = "elsewhere", "belongs-to"


class DatabaseGone(Conflict):
    """The folder that holds this instance's database is gone; restore it from a backup."""

    zh = "本实例数据库所在的文件夹已不存在；请从备份恢复。"


class DatabaseShared(Conflict):
    """This data folder is a copy of another instance's; start it from an empty folder."""

    zh = "此数据文件夹是另一实例的副本；请改用空文件夹。"


def reachable(path: Path) -> bool:
    """Can the user PostgreSQL runs as enter this folder? Tried, so that ACLs count."""
    if os.getuid() != 0:
        return True
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(path)],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def home_for(folder: Path) -> Path:
    """`folder` itself, or the place elsewhere that stands in for it (made at the first start)."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711)  # whatever the umask: the cluster inside closes itself
    pointer = folder / _POINTER
    if pointer.exists():
        return _remembered(folder, Path(pointer.read_text()))
    if (folder / "data").exists() or reachable(folder):
        return folder
    home = ELSEWHERE / sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    home.mkdir(parents=True, exist_ok=True)
    for part in (home, home.parent):
        part.chmod(0o711)
    (home / _OWNER).write_text(str(folder.resolve()))
    pointer.write_text(str(home))
    return home


def _remembered(folder: Path, home: Path) -> Path:
    owner = home / _OWNER
    if not owner.exists():
        raise DatabaseGone(
            f"the database of this instance was in {home}, which is gone; restore it from a"
            f" backup, or remove {folder.parent} to begin anew",
            zh=f"本实例的数据库原在 {home}，现已不存在；请从备份恢复，"
            f"或删除 {folder.parent} 以重新开始",
        )
    here, named = str(folder.resolve()), owner.read_text()
    if named != here and (Path(named) / _POINTER).exists():
        raise DatabaseShared(
            f"{here} is a copy of {named}: both would use the database in {home};"
            " start with another --data",
            zh=f"{here} 是 {named} 的副本，二者会共用 {home} 中的数据库；请用 --data 另选文件夹",
        )
    owner.write_text(here)  # the data folder was moved
    return home


def programs_within_reach(programs: Path, home: Path) -> Path:
    """PostgreSQL's `bin`, or a copy of the package under `home` (hard links where it can).

    The name carries the package's time, so that an upgrade is not hidden by an old copy.
    """
    if reachable(programs):
        return programs
    package = programs.parents[1]
    stamp = f"{package}{(programs / 'postgres').stat().st_mtime_ns}"
    copy = home / f"programs-{sha256(stamp.encode()).hexdigest()[:12]}"
    if not copy.exists():
        part = copy.with_name(f"{copy.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        # The wheel keeps shared libraries beside the package; programs find them from there.
        for source in package.parent.glob(f"{package.name}*"):
            if source.suffix in {"", ".libs"}:
                shutil.copytree(source, part / source.name, copy_function=_link_or_copy)
        part.rename(copy)
    return copy / programs.relative_to(package.parent)


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system, or links forbidden there
        shutil.copy2(source, target)
    return target
