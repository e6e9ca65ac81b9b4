"""The pages are bundled again whenever something that goes into them has changed."""

import re

from infra.local.install import BORROWED, FRONTEND

ROOT = FRONTEND.resolve()


def test_all_that_the_pages_borrow_from_elsewhere_is_known() -> None:
    borrowed = set()
    for script in (ROOT / "src").rglob("*.ts"):
        for name in re.findall(r'from "(\.[^"]+)"', script.read_text()):
            path = (script.parent / name).resolve()
            if not path.is_relative_to(ROOT):
                borrowed.add(path)
    assert borrowed == {path.resolve() for path in BORROWED}
