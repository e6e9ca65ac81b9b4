"""Language tags (BCP 47, RFC 5646) and the names languages have for themselves."""

import re

from media_pipeline.captions.errors import LanguageUnknown

LONGEST = 35
UNDETERMINED = "und"
_TAG = re.compile(
    r"[a-z]{2,3}(?:-[a-z]{3}){0,3}"  # language (longer ones are not in use), extended language
    r"(?:-[a-z]{4})?"  # script
    r"(?:-(?:[a-z]{2}|[0-9]{3}))?"  # region
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants
    r"(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*"  # extensions
    r"(?:-x(?:-[a-z0-9]{1,8})+)?",  # private use
    re.IGNORECASE | re.ASCII,
)
_SCRIPT, _REGION = 4, 2
_LABELS = {
    "zh": "中文",
    "zh-hans": "简体中文",
    "zh-cn": "简体中文",
    "zh-sg": "简体中文（新加坡）",
    "zh-hant": "繁體中文",
    "zh-tw": "繁體中文（台灣）",
    "zh-hk": "繁體中文（香港）",
    "yue": "粵語",
    "en": "English",
    "en-us": "English (US)",
    "en-gb": "English (UK)",
    "ja": "日本語",
    "ko": "한국어",
    "fr": "Français",
    "de": "Deutsch",
    "es": "Español",
    "pt": "Português",
    "ru": "Русский",
    "ar": "العربية",
    "vi": "Tiếng Việt",
    "th": "ไทย",
    "id": "Bahasa Indonesia",
    "ms": "Bahasa Melayu",
    "it": "Italiano",
    "bo": "བོད་སྐད་",
    "ug": "ئۇيغۇرچە",
    "mn": "Монгол",
    "kk": "Қазақша",
}
# ISO 639-2 as containers write it, where it differs from what BCP 47 asks for.
_THREE_LETTERS = {
    **{"chi": "zh", "zho": "zh", "cmn": "zh", "eng": "en", "jpn": "ja", "kor": "ko"},
    **{"fre": "fr", "fra": "fr", "ger": "de", "deu": "de", "spa": "es", "por": "pt"},
    **{"rus": "ru", "ara": "ar", "vie": "vi", "tha": "th", "ind": "id", "may": "ms", "msa": "ms"},
    **{"ita": "it", "tib": "bo", "bod": "bo", "uig": "ug", "mon": "mn", "kaz": "kk"},
}


def canonical(tag: str) -> str:
    """`ZH-hans-cn` is `zh-Hans-CN`. LanguageUnknown for what is not well-formed. Subtags are not
    looked up in the registry: what is well-formed but unused harms nobody."""
    if len(tag) > LONGEST or not _TAG.fullmatch(tag):
        raise LanguageUnknown
    parts, after_single = tag.lower().split("-"), False
    for number, part in enumerate(parts[1:], 1):
        after_single = after_single or len(part) == 1
        if after_single:
            continue
        if len(part) == _SCRIPT and part.isalpha():
            parts[number] = part.title()
        elif len(part) == _REGION:
            parts[number] = part.upper()
    return "-".join(parts)


def label(language: str) -> str:
    """The language's own name for itself; the tag where we know none."""
    parts = language.lower().split("-")
    known = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((_LABELS[tag] for tag in known if tag in _LABELS), language)


def from_container(code: str, text: str) -> str:
    """The tag for what a video file calls a language; Chinese is told apart by its characters."""
    code = _THREE_LETTERS.get(code.lower(), code) or UNDETERMINED
    try:
        tag = canonical(code)
    except LanguageUnknown:
        return UNDETERMINED
    return chinese_script(text) if tag == "zh" else tag


def chinese_script(text: str) -> str:
    """zh-Hans or zh-Hant, by characters that only one of the two old national sets holds."""
    simplified = traditional = 0
    for char in text[:20_000]:
        if "\u4e00" <= char <= "\u9fff":
            in_gb, in_big5 = _holds("gb2312", char), _holds("big5", char)
            simplified += in_gb and not in_big5
            traditional += in_big5 and not in_gb
    return "zh-Hant" if traditional > simplified else "zh-Hans"


def _holds(charset: str, char: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def best(wanted: str | None, offered: list[str]) -> str | None:
    """The tag offered that serves a reader of `wanted` best: itself, then the same language in
    another script or region, then Chinese, then the first. None where nothing is offered."""
    by_fold = {tag.lower(): tag for tag in offered}
    asked = (wanted or "").lower()
    if asked in by_fold:
        return by_fold[asked]
    primary = asked.partition("-")[0]
    for language in filter(None, (primary, "zh")):
        for tag in offered:
            if tag.lower().partition("-")[0] == language:
                return tag
    return offered[0] if offered else None
