"""Lesson texts: Markdown yes, HTML no."""

from hypothesis import given
from hypothesis import strategies as st

from backend.web.markdown import html


def test_headings_lists_and_tables_are_rendered() -> None:
    page = html("## 一、目的\n\n- 甲\n- 乙\n\n| 条款 | 要求 |\n|---|---|\n| 4.5 | 合规义务 |\n")
    assert "<h3>一、目的</h3>" in page
    assert "<li>甲</li>" in page
    assert "<td>合规义务</td>" in page


def test_the_title_is_left_to_the_page() -> None:
    assert html("# 认证是什么\n\n正文。\n\n# 又一章") == "<p>正文。</p>\n<h2>又一章</h2>\n"


@given(st.text(alphabet="<>/=\"' scriptonload:javax()[]!`\n", max_size=80))
def test_no_text_becomes_a_script_or_a_handler(text: str) -> None:
    page = html(text).lower()
    assert "<script" not in page
    assert 'href="javascript:' not in page
