"""What stands on a printed record, line by line. Pure: from frozen facts to words on paper.

Everything printed stands on the record's public page too, the name apart, which is masked there.
Texts are data to the typesetter: it never reads them as markup.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Literal

import msgspec

from backend.records.domain import CLASS_HOUR_SECONDS, RecordFacts, Title
from infra.errors import Conflict, Unavailable

Language = Literal["zh", "en"]
_SHANGHAI = timezone(timedelta(hours=8))
_RESERVED = re.compile(r'[\x00-\x1f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
_LONGEST_NAME = 60
GETA = "〓"
"""What printers set for a sign they have no type for."""


class NotInForce(Conflict):
    """This record is suspended, revoked or superseded, so it is not printed; its page says why."""

    zh = "该证明已暂停、撤销或被取代，不再提供打印文件；原因见其核验页。"


class PressBusy(Unavailable):
    """Many records are being printed just now; try again in a minute."""

    zh = "正在打印的证明较多，请一分钟后重试。"


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    media_type: str
    relationship: Literal["source", "data", "alternative", "supplement"]
    description: str
    content: list[int]
    """Bytes as numbers: the typesetter reads JSON."""


class Sheet(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One page, as the template takes it."""

    language: Language
    document_title: str
    description: str
    issued: list[int]
    """Year, month, day, hour, minute, second; Universal Time."""
    issuer: str
    title: str
    subtitle: str
    presented: str
    holder: str
    statement: str
    lines: list[tuple[str, str]]
    issued_on: str
    scan: str
    address: str
    qr: str
    """An SVG picture."""
    qr_says: str
    notices: list[str]
    signed: str
    demonstration: str | None
    attached: list[Attached]


class Printable(msgspec.Struct, frozen=True, kw_only=True):
    """A record with what the page needs of it."""

    facts: RecordFacts
    kind_title: Title
    notice: Title | None
    holder: str
    number: str
    address: str
    """Of its public page, in full."""
    issuer: str
    issued_at: datetime
    valid_until: datetime | None
    log_index: int


_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "presented": "兹证明",
        "statement": "已经实名认证，按课程版次 {edition} 修满“{title}”规定的全部学时，"
        "并通过考试 {exam}。",
        "number": "证明编号",
        "programme": "培养方案",
        "standard": "标准",
        "edition": "课程版次",
        "code": "{code} {title}",
        "hours": "学时",
        "within": "（{parts}）",
        "comma": "、",
        "exam": "考试",
        "passed": "{exam}，合格",
        "issued": "签发日期",
        "until": "有效期至",
        "log": "公开日志",
        "entry": "第 {index} 号",
        "scan": "扫码核验真伪与当前状态",
        "qr": "核验页地址的二维码",
        "signed": "本证明以电子签名签发，不盖章。请打开核验页逐项对照；"
        "把本 PDF 文件拖到核验页上，还能查出文件是否被改动过。",
        "general": "培训证明只说明学习和考核的事实，不是职业资格证书，也不是认证证书。",
        "demonstration": "演示 · 无任何效力",
        "bundle": "可离线核验的文件包",
        "credential": "签名凭证（Open Badges 3.0）",
    },
    "en": {
        "presented": "This is to certify that",
        "statement": "whose identity was verified, has completed all class hours of"
        " “{title}” by curriculum edition {edition} and passed examination {exam}.",
        "number": "Record number",
        "programme": "Programme",
        "standard": "Standard",
        "edition": "Edition",
        "code": "{code} · {title}",
        "hours": "Class hours",
        "within": " ({parts})",
        "comma": " · ",
        "exam": "Examination",
        "passed": "{exam}, passed",
        "issued": "Issued",
        "until": "Valid until",
        "log": "Public log",
        "entry": "Entry {index}",
        "scan": "Scan to verify it and its present status",
        "qr": "QR code of the verification page’s address",
        "signed": "Issued under an electronic signature, without a stamp. Compare every line with"
        " the verification page; drop this PDF file on it to learn whether the file was changed.",
        "general": "This record attests training only: it is neither a vocational qualification nor"
        " a certification certificate.",
        "demonstration": "DEMONSTRATION · NO FORCE",
        "bundle": "Bundle that can be verified offline",
        "credential": "Signed credential (Open Badges 3.0)",
    },
}


def sheet(
    record: Printable, *, language: Language, qr: str, bundle: bytes, credential: bytes
) -> Sheet:
    words, facts = _WORDS[language], record.facts
    other: Language = "en" if language == "zh" else "zh"
    title = in_language(facts.programme_title, language)
    kind = in_language(record.kind_title, language)
    moment = record.issued_at.utctimetuple()
    notices = [in_language(record.notice, language)] if record.notice else []
    return Sheet(
        language=language,
        document_title=f"{kind} {record.number}",
        description=f"{kind} · {title}",
        issued=list(moment[:6]),
        issuer=half_of(record.issuer, language),
        title=kind,
        subtitle=in_language(record.kind_title, other),
        presented=words["presented"],
        holder=record.holder,
        statement=words["statement"].format(
            edition=facts.edition, title=title, exam=facts.exam_code
        ),
        lines=_lines(record, title, words, language),
        issued_on=day(record.issued_at, language),
        scan=words["scan"],
        address=record.address.partition("://")[2],
        qr=qr,
        qr_says=words["qr"],
        notices=[*notices, words["general"]],
        signed=words["signed"],
        demonstration=words["demonstration"] if facts.demonstration else None,
        attached=_attached(words, record.number, bundle, credential),
    )


def _lines(
    record: Printable, title: str, words: dict[str, str], language: Language
) -> list[tuple[str, str]]:
    """Label and value; a line without a value is left out."""
    facts, until = record.facts, record.valid_until
    found = {
        "number": record.number,
        "programme": words["code"].format(code=facts.programme_code, title=title),
        "standard": facts.standard,
        "edition": facts.edition,
        "hours": _hours(facts, words),
        "exam": words["passed"].format(exam=facts.exam_code),
        "issued": day(record.issued_at, language),
        "until": day(until, language) if until else "",
        "log": words["entry"].format(index=record.log_index),
    }
    return [(words[name], value) for name, value in found.items() if value]


def _hours(facts: RecordFacts, words: dict[str, str]) -> str:
    parts = [f"{name} {_figure(n)}" for name, n in sorted(facts.hours_by_module.items())]
    within = words["within"].format(parts=words["comma"].join(parts)) if parts else ""
    return _figure(facts.hours_seconds) + within


def _figure(seconds: int) -> str:
    return f"{round(seconds / CLASS_HOUR_SECONDS, 2):g}"


def _attached(
    words: dict[str, str], number: str, bundle: bytes, credential: bytes
) -> list[Attached]:
    return [
        Attached(
            name=f"{number}.zip",
            media_type="application/zip",
            relationship="source",
            description=words["bundle"],
            content=list(bundle),
        ),
        Attached(
            name=f"{number}.jwt",
            media_type="application/jwt",
            relationship="alternative",
            description=words["credential"],
            content=list(credential),
        ),
    ]


def in_language(pair: Title, language: Language) -> str:
    return pair.zh if language == "zh" else pair.en


def half_of(both: str, language: Language) -> str:
    """Issuers are named in Chinese, then in English: `中文 English`."""
    last = max((at for at, sign in enumerate(both) if "\u2e80" <= sign <= "\uffef"), default=-1)
    zh, en = both[: last + 1].strip(), both[last + 1 :].strip()
    return (zh or en) if language == "zh" else (en or zh)


def day(moment: datetime, language: Language) -> str:
    """Calendar day in China, where the hours were earned."""
    local = moment.astimezone(_SHANGHAI)
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日"
    return f"{local.day} {local:%B} {local.year}"


def settable(text: str, *, has_type: Callable[[str], bool]) -> str:
    """One line of signs that can be set; of one that has no type, a geta and its code point."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    seen = (sign for sign in plain if unicodedata.category(sign) not in {"Cc", "Cf"})
    return "".join(s if s == " " or has_type(s) else f"{GETA}(U+{ord(s):04X})" for s in seen)


def file_name(number: str, holder: str) -> str:
    """Names the file on any system: nothing that Windows reserves, 60 signs of a name at most."""
    name = _RESERVED.sub("", unicodedata.normalize("NFC", holder))[:_LONGEST_NAME].strip(" .")
    return f"{number} {name}.pdf" if name else f"{number}.pdf"
