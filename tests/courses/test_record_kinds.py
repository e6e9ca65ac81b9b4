"""Which record a programme ends with."""

import pytest

from courses import record_kinds
from courses.record_kinds import kind_by_code, kind_of
from tests.courses import current_edition


@pytest.mark.parametrize(
    ("programme", "kind", "notice"),
    [
        pytest.param("MGR", "completion", False, id="staff get proof of their class hours"),
        pytest.param("DEMO", "completion", False, id="so does whoever tries the platform out"),
        pytest.param("IA-U", "internal-auditor", False, id="internal auditors pass an exam"),
        pytest.param("AUD", "certification-auditor", True, id="auditors are told of CCAA"),
        pytest.param("TR-AUD", "certification-auditor", True, id="so are those who convert"),
        pytest.param("CE-AUD", "continuing-education", True, id="and those who keep up, by year"),
    ],
)
def test_each_programme_has_its_kind(programme: str, kind: str, notice: bool) -> None:
    found = kind_of(programme)
    assert (found.code, found.notice is not None) == (kind, notice)
    assert kind_by_code(found.code) is found


def test_continuing_education_names_its_year() -> None:
    yearly, other = kind_of("CE-AUD").named("2026"), kind_of("AUD")
    assert (yearly.zh, yearly.en) == (
        "继续教育学时证明（2026 年度）",
        "Certificate of continuing education (2026)",
    )
    assert other.named(None) == other.title


def test_no_kind_names_a_programme_that_is_not_there_and_none_names_one_twice() -> None:
    named = [code for kind in record_kinds.kinds() for code in kind.programmes]
    assert len(named) == len(set(named))
    assert set(named) <= {programme.code for programme in current_edition().programmes}
    assert kind_by_code("unheard-of") is record_kinds.kinds()[0]


def test_no_record_looks_like_a_qualification_or_a_certificate_of_certification() -> None:
    for kind in record_kinds.kinds():
        assert "证书" not in kind.title.zh
        assert kind.title.zh.endswith("证明")
