"""Lesson texts: Markdown yes, HTML no."""

from hypothesis import given
from hypothesis import strategies as st

from backend.web.markdown import html


def test_headings_lists_and_tables_are_rendered() -> None:
    page = html("## 一、目的\n\n- 甲\n- 乙\n\n| 条款 | 要求 |\n|---|---|\n| 4.5 | 合规义务 |\n")
    assert "<h2>一、目的</h2>" in page
    assert "<li>甲</li>" in page
    assert "<td>合规义务</td>" in page


@given(st.text(alphabet="<>/=\"' scriptonload:javax()[]!`\n", max_size=80))
def test_no_text_becomes_a_script_or_a_handler(text: str) -> None:
    page = html(text).lower()
    assert "<script" not in page
    assert 'href="javascript:' not in page
