import shutil
from pathlib import Path

import pytest

from media_pipeline.packaging.encryption import encrypt_package
from tests.media_pipeline.packaging.held import held
from tests.media_pipeline.packaging.making import make, rung

KEY = bytes(range(16))


@pytest.fixture(scope="session")
async def made_packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By kind; 14 s each."""
    root = tmp_path_factory.mktemp("packages")
    camera = [rung("180p", "320x180"), rung("90p", "160x90", "25/2")]
    made = {
        "camera": await make(root / "camera", *camera),
        "portrait": await make(root / "portrait", rung("90p", "90x160", "30000/1001")),
        "silent": await make(root / "silent", rung("90p", "160x90"), sound=False),
        "spoken": await make(root / "spoken", rung("90p", "160x90", "5/1"), language="zho"),
        "av1": await make(
            root / "av1",
            rung("90p-av1", "160x90", "5/1", optional=True),
            rung("lost", "160x90", "5/1", optional=True),
            rung("90p", "160x90", "5/1"),
            av1=frozenset({"90p-av1"}),
            left_out=frozenset({"lost"}),
        ),
    }
    made["encrypted"] = root / "encrypted"
    shutil.copytree(made["camera"], made["encrypted"])
    encrypt_package(made["encrypted"], KEY)
    return made


@pytest.fixture(scope="session")
def held_packages(made_packages: dict[str, Path]) -> dict[str, dict[str, bytes]]:
    return {kind: held(folder) for kind, folder in made_packages.items()}
