"""The operator's file, and what it may say."""

import json
from pathlib import Path

import pytest

from backend.accounts.federation.domain import NAMELESS, is_fit_address, shown_name
from backend.accounts.federation.domain import shows_second_factor as shows
from backend.accounts.federation.providers import read_providers
from infra.settings import BadSettings
from tests.backend.accounts.federation.conftest import registered

GOOD = {
    "name": "works",
    "title": {"zh": "某集团", "en": "The works"},
    "issuer": "https://login.works.example",
    "clientId": "guanbiao",
}


def written(tmp_path: Path, *providers: object) -> Path:
    path = tmp_path / "federation.json"
    path.write_text(json.dumps({"providers": list(providers)}))
    return path


def test_no_file_means_no_provider() -> None:
    assert read_providers(None) == {}


def test_a_secret_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKS_SECRET", "from the environment")
    (tmp_path / "secret").write_text("from a file\n")
    path = written(
        tmp_path,
        {**GOOD, "clientSecretEnv": "WORKS_SECRET"},
        {**GOOD, "name": "ministry", "clientSecretFile": str(tmp_path / "secret")},
        {**GOOD, "name": "public"},
    )
    found = {name: each.secret for name, each in read_providers(path).items()}
    assert found == {"works": "from the environment", "ministry": "from a file", "public": ""}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"issuer": "http://login.works.example"}, id="an issuer in clear text"),
        pytest.param({"clientSecret": "x"}, id="a secret in the file itself"),
        pytest.param({"name": "../works"}, id="a name that is no name"),
        pytest.param({"clientSecretEnv": "NOT_SET_ANYWHERE"}, id="a variable that is not set"),
        pytest.param({"clientSecretFile": "not/there"}, id="a file that is not there"),
        pytest.param({"title": {"zh": "某集团"}}, id="no English title"),
    ],
)
def test_what_is_wrong_in_the_file_stops_the_start(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    with pytest.raises(BadSettings):
        read_providers(written(tmp_path, {**GOOD, **changes}))


def test_two_of_one_name_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="twice"):
        read_providers(written(tmp_path, GOOD, GOOD))


@pytest.mark.parametrize(
    ("url", "issuer", "fit"),
    [
        ("https://a.example/token", "https://a.example", True),
        ("http://a.example/token", "https://a.example", False),
        ("http://127.0.0.1:9/token", "https://a.example", False),
        ("http://127.0.0.1:9/token", "http://127.0.0.1:8", True),
        ("http://127.0.0.1.evil.test/", "http://127.0.0.1:8", False),
    ],
)
def test_which_addresses_are_spoken_to(url: str, issuer: str, fit: bool) -> None:
    assert is_fit_address(url, issuer) is fit


@pytest.mark.parametrize(
    ("acr", "amr", "counts"),
    [
        ("urn:mfa", None, True),
        (None, ["pwd", "otp"], True),
        ("urn:other", ["pwd"], False),
        (None, "otp", False),
        (["urn:mfa"], None, False),
    ],
)
def test_only_the_operator_s_words_count_as_a_second_factor(
    acr: object, amr: object, counts: bool
) -> None:
    trusted = registered("works", "https://a.example", second_factor=("urn:mfa", "otp")).provider
    assert shows(trusted, acr, amr) is counts
    assert not shows(registered("works", "https://a.example").provider, acr, amr)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("王 小明", "王 小明"),
        (" \x00\u202e ", NAMELESS),
        ("", NAMELESS),
        ("x" * 99, "x" * 60),
        ("a\ud800b", "ab"),
    ],
)
def test_what_name_a_new_account_gets(given: str, shown: str) -> None:
    assert shown_name(given) == shown
