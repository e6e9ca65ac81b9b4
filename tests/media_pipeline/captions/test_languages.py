import pytest

from media_pipeline.captions.errors import LanguageUnknown
from media_pipeline.captions.languages import best, canonical, chinese_script, from_container, label


@pytest.mark.parametrize(
    ("written", "canonic"),
    [
        ("zh-hans", "zh-Hans"),
        ("ZH-HANT-tw", "zh-Hant-TW"),
        ("EN", "en"),
        ("es-419", "es-419"),
        ("sl-rozaj-1994", "sl-rozaj-1994"),
        ("zh-cmn-hans-CN", "zh-cmn-Hans-CN"),
        ("en-US-u-CA-gregory", "en-US-u-ca-gregory"),
        ("en-x-US", "en-x-us"),
        ("yue", "yue"),
    ],
)
def test_tags_are_written_one_way(written: str, canonic: str) -> None:
    assert canonical(written) == canonic == canonical(canonic)


@pytest.mark.parametrize(
    "tag",
    [
        *("", "z", "中文", "zh_CN", "zh-", "-zh", "zh--Hans", "en/../x", "english", "zh-x"),
        *("zh-Hans-" + "abcdefgh-" * 4, "en-u", "zh-Hans\n", "chinese123"),
    ],
)
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(LanguageUnknown):
        canonical(tag)


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("zh-Hans", "简体中文"),
        ("zh-Hant-MO", "繁體中文"),
        ("en-GB", "English (UK)"),
        ("en-NZ", "English"),
        ("bo", "བོད་སྐད་"),
        ("tlh", "tlh"),
    ],
)
def test_a_language_is_named_in_itself(tag: str, name: str) -> None:
    assert label(tag) == name


@pytest.mark.parametrize(
    ("code", "text", "tag"),
    [
        ("chi", "知识产权管理体系", "zh-Hans"),
        ("zho", "知識產權管理體系", "zh-Hant"),
        ("eng", "Good morning", "en"),
        ("", "x", "und"),
        ("???", "x", "und"),
        ("tlh", "x", "tlh"),
    ],
)
def test_what_containers_call_a_language_becomes_a_tag(code: str, text: str, tag: str) -> None:
    assert from_container(code, text) == tag


def test_chinese_that_both_sets_hold_is_taken_for_simplified() -> None:
    assert chinese_script("大家好") == "zh-Hans"


@pytest.mark.parametrize(
    ("wanted", "offered", "served"),
    [
        ("zh-Hant", ["en", "zh-Hans", "zh-Hant"], "zh-Hant"),
        ("ZH-hant", ["en", "zh-Hans"], "zh-Hans"),
        ("fr", ["en", "zh-Hans"], "zh-Hans"),
        (None, ["en", "zh-Hans"], "zh-Hans"),
        ("fr", ["en"], "en"),
        ("fr", [], None),
    ],
)
def test_a_reader_is_served_what_is_nearest(
    wanted: str | None, offered: list[str], served: str | None
) -> None:
    assert best(wanted, offered) == served
