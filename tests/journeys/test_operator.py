"""What whoever runs the installation does from a terminal."""

import httpx

from tests.browser.people import newcomer, sign_up
from tests.infra.up import guanbiao
from tests.live import Live

PERSON = {"name": "李作者", "email": "first-author@example.org", "password": "a-long-password"}


def roles(live: Live) -> set[str]:
    """As the person's next sign-in brings them, whether or not a second factor was set up."""
    login = {"login": PERSON["email"], "password": PERSON["password"]}
    token = httpx.post(f"{live.base_url}/v1/sessions", json=login).json()["accessToken"]
    me = httpx.get(f"{live.base_url}/v1/me", headers={"Authorization": f"Bearer {token}"})
    return {*me.json()["roles"], *me.json()["rolesWaiting"]}


def test_the_operator_makes_somebody_an_author_and_takes_it_back(live: Live) -> None:
    sign_up(live, **PERSON)
    command = ("grant", PERSON["email"], "author", "--data", str(live.folder.path))
    assert guanbiao(*command).returncode == 0
    assert roles(live) == {"learner", "author"}
    assert guanbiao(*command, "--withdraw").returncode == 0
    assert roles(live) == {"learner"}


def test_the_operator_lets_an_only_administrator_set_up_a_new_second_factor(live: Live) -> None:
    command = ("second-factor", "reset", "--data", str(live.folder.path), "--reason")
    login = newcomer(live)
    done = guanbiao(*command, "device-lost", login)
    assert done.returncode == 0, done.stderr
    assert "second factor reset" in done.stdout
    assert guanbiao(*command, "device-lost", "nobody@example.org").returncode == 2
    assert guanbiao(*command, "no such reason", login).returncode != 0


def test_a_role_for_nobody_is_refused_in_words(live: Live) -> None:
    done = guanbiao("grant", "nobody@example.org", "author", "--data", str(live.folder.path))
    assert done.returncode == 2
    assert "nobody" in (done.stdout + done.stderr).lower()
