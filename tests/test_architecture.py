"""The rules that a review would otherwise repeat (docs/architecture.md)."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("backend", "courses", "infra", "media_pipeline")
AREAS = (
    *("accounts", "assessment", "certification_bodies", "checking", "class_sessions"),
    *("curriculum", "identity"),
    *("limits", "lectures", "notices", "organisations", "oversight", "plans", "privacy"),
    *("progress", "records", "disclosures"),
)
LONGEST_FILE = 400
MAY_IMPORT = {
    "backend": {"backend", "courses", "infra", "media_pipeline"},
    "media_pipeline": {"media_pipeline", "infra"},
    "courses": {"courses"},
    "infra": {"infra"},
}
# Who may call whom, always through `service`. Lectures begin at the media pipeline; records are
# handed frozen facts and so know neither progress nor assessment.
AREA_MAY_CALL = {
    "limits": set[str](),
    "accounts": {"limits"},
    "lectures": {"accounts"},
    # Whoever has something to tell may call it.
    "notices": {"accounts"},
    "curriculum": {"lectures", "accounts"},
    # A holder is told what was decided about a record.
    "records": {"accounts", "notices"},
    "progress": {"accounts", "curriculum", "lectures", "notices", "records"},
    # Whoever taught a learner, or works beside one, must not mark what they wrote.
    "assessment": {"accounts", "class_sessions", "curriculum", "notices", "organisations"}
    | {"oversight", "progress", "records"},
    "identity": {"accounts", "organisations", "records"},
    "organisations": {"accounts", "curriculum", "progress", "records"},
    "plans": {"accounts", "curriculum", "notices", "organisations", "progress", "records"},
    "certification_bodies": {"accounts", "organisations", "records"},
    # Whatever a certifier asks in one go is answered from all of these.
    "checking": {"accounts", "certification_bodies", "disclosures", "limits", "organisations"}
    | {"records"},
    # Hours of a class go into the ledger of all hours.
    "class_sessions": {"accounts", "curriculum", "organisations", "progress", "records"},
    # What a holder shows of himself is known in several places.
    "disclosures": {"accounts", "certification_bodies", "identity", "organisations", "records"},
    "oversight": {"accounts", "certification_bodies", "organisations", "records"},
    # What is kept of a person is everywhere.
    "privacy": {"accounts", "identity", "organisations", "certification_bodies", "class_sessions"}
    | {"checking"}
    | {"lectures", "notices", "plans", "progress", "assessment", "records", "oversight"},
}
# What an area says in public besides its service: rules about a caller, roles and ids; what it
# keeps of a person. A part of an area with a folder of its own says the same in it.
PUBLIC = {"service", "domain", "schemas", "guards", "errors", "privacy_facts"}
PURE = {"infra.errors", "msgspec", "courses"}
VAGUE = {"utils", "util", "helpers", "helper", "manager", "data", "info", "handle", "process"} | {
    *("common", "misc", "base", "core", "tools_misc")
}


@cache
def modules(*packages: str) -> list[Path]:
    found = (path for package in packages for path in (ROOT / package).rglob("*.py"))
    return sorted(p for p in found if not {"piccolo_migrations", "node_modules"} & set(p.parts))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Full names, with `from a import b` as a.b; wherever in the file they stand."""
    return tuple(_imports(path))


def statements(path: Path) -> Iterator[ast.AST]:
    """All of a module, however deep; not the expressions in them, which are most of it."""
    left: list[ast.AST] = [ast.parse(path.read_text())]
    while left:
        yield (node := left.pop())
        for parts in ("body", "orelse", "finalbody", "handlers", "cases"):
            left += getattr(node, parts, ())


def _imports(path: Path) -> Iterator[str]:
    for node in statements(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_run_one_way() -> None:
    wrong = [
        f"{name_of(path)} imports {name}"
        for package in PACKAGES
        for path in modules(package)
        for name in imports(path)
        if (top := name.split(".")[0]) in {*PACKAGES, "tests"} and top not in MAY_IMPORT[package]
    ]
    assert wrong == []


def test_areas_call_each_other_through_their_public_modules_and_in_one_direction() -> None:
    wrong = [
        f"{name_of(path)} imports {name}"
        for area in AREAS
        for path in modules(f"backend/{area}")
        for name in imports(path)
        if (parts := name.split("."))[0] == "backend"
        and len(parts) > 2
        and parts[1] in AREAS
        and parts[1] != area
        and (parts[1] not in AREA_MAY_CALL[area] or not PUBLIC & set(parts[2:4]))
    ]
    assert wrong == []


def test_rules_do_no_io() -> None:
    wrong = [
        f"{name_of(path)} imports {name}"
        for path in modules("backend")
        if path.name == "domain.py"
        for name in imports(path)
        if not _pure(name, ".".join(name_of(path).split(".")[:2]))
    ]
    assert wrong == []


def _pure(name: str, area: str) -> bool:
    top = name.split(".")[0]
    if top in sys.stdlib_module_names:
        return top not in {"asyncio", "socket", "subprocess", "time", "urllib", "random", "secrets"}
    return top in PURE or name.startswith(("infra.errors.", f"{area}."))


def test_only_one_module_reads_the_machine_s_clock() -> None:
    reads = re.compile(r"datetime\.(now|utcnow|today)\(|\btime\.time\(|date\.today\(")
    wrong = [
        name_of(path)
        for path in modules("backend", "media_pipeline", "infra")
        if name_of(path) != "infra.clock" and reads.search(path.read_text())
    ]
    assert wrong == []


def test_no_file_is_too_long_to_read() -> None:
    lengths = {name_of(p): len(p.read_text().splitlines()) for p in modules(*PACKAGES, "tests")}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name_of(p) for p in modules(*PACKAGES) if p.stem in VAGUE] == []


@pytest.mark.parametrize("area", AREAS)
def test_an_area_that_keeps_rows_is_registered_with_its_migrations(area: str) -> None:
    folder = ROOT / "backend" / area
    if (folder / "tables.py").exists():
        assert (folder / "piccolo_app.py").exists()
        assert [*(folder / "piccolo_migrations").glob(f"{area}_*.py")], "no migration yet"


def committed_texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout: nothing says which files are ours")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.stat().st_size < 2 << 20:
            content = path.read_bytes()
            if b"\0" not in content[:4096]:
                yield name, content.decode(errors="replace")


def test_no_file_names_a_package_registry_or_this_machine_s_folders() -> None:
    """Put together here, so that this file does not find itself."""
    hosts = ["pypi" + ".org", "files.python" + "hosted.org", "registry.npm" + "js.org"]
    hosts += ["deb.debian" + ".org", "mirrors" + r"\.[a-z]+\.", "/simple" + "/"]
    places = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/[a-z]"]
    wrong = re.compile("|".join([*(re.escape(h) if "\\" not in h else h for h in hosts), *places]))
    found = [f"{name}: {m[0]}" for name, text in committed_texts() if (m := wrong.search(text))]
    assert found == []


def test_every_route_that_clients_are_generated_from_has_an_operation_id() -> None:
    """Generators name methods by it. Pages and raw ASGI routes are not generated from."""
    wrong = []
    for path in (p for p in modules("backend") if p.parent.name != "web"):
        for node in statements(path):
            for call in getattr(node, "decorator_list", []):
                said = ast.unparse(call)
                route = re.match(r"(get|post|put|patch|delete|head)\(", said)
                if route and "operation_id" not in said and "include_in_schema=False" not in said:
                    wrong.append(f"{name_of(path)}: {said}")
    assert wrong == []
