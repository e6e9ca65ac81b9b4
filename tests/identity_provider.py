"""Two real OpenID providers (npm `oidc-provider`), in a process of their own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("identity-provider.mjs")
MODULES = Path(sys.prefix) / "identity-provider"
CLIENT, SECRET = "guanbiao", "the secret of guanbiao & more"


@dataclass(frozen=True)
class Providers:
    ministry: str
    works: str
    control: str

    def environment(self, folder: Path) -> dict[str, str]:
        """For an instance that takes people from both; its file is written into `folder`."""
        titles = {"ministry": ("部级平台", "The ministry"), "works": ("某集团", "The works")}
        listed = [
            {
                "name": name,
                "title": {"zh": zh, "en": en},
                "issuer": getattr(self, name),
                "clientId": CLIENT,
                "clientSecretEnv": "TEST_PROVIDER_SECRET",
            }
            for name, (zh, en) in titles.items()
        ]
        file = folder / "federation.json"
        file.write_text(json.dumps({"providers": listed}))
        return {"GUANBIAO_FEDERATION_FILE": str(file), "TEST_PROVIDER_SECRET": SECRET}


def there() -> bool:
    return (MODULES / "node_modules").is_dir()


@contextmanager
def identity_providers(public_url: str, host: str = "127.0.0.1") -> Iterator[Providers]:
    """For people who come from and go back to `public_url`. To a browser another `host` is another
    site; both are this machine."""
    node = Path(sys.prefix) / "bin" / "node"
    command = [str(node), str(SCRIPT), str(MODULES), public_url, host]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as started:
        assert started.stdout is not None
        said = json.loads(started.stdout.readline())
        ministry, works = said["issuers"]
        yield Providers(ministry, works, said["control"])
        started.terminate()
