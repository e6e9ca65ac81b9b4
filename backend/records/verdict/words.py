"""Verdicts and checks in words, for the page, the command line and the bundle's readme."""

from enum import StrEnum


class Verdict(StrEnum):
    VALID = "valid"
    STATUS_STALE = "status-stale"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    NOT_LOGGED = "not-logged"
    UNTRUSTED_KEY = "untrusted-key"
    TAMPERED = "tampered"
    UNKNOWN = "unknown"


MEANING: dict[Verdict, tuple[str, str]] = {
    Verdict.VALID: (
        "证明真实、有效：签名、公开日志和状态均已核对。",
        "The record is genuine and in force: signature, public log and status all agree.",
    ),
    Verdict.STATUS_STALE: (
        "签名和公开日志无误，但所附状态已过时：请联网核验，或取得新的状态文件。",
        "Signature and log are right, but the status at hand is old: check online or fetch a newer "
        "status.",
    ),
    Verdict.EXPIRED: (
        "证明真实，但已过有效期。",
        "The record is genuine, but its validity has ended.",
    ),
    Verdict.SUSPENDED: (
        "证明已被暂停，暂停期间不得采信。",
        "The record is suspended; do not rely on it until that ends.",
    ),
    Verdict.REVOKED: (
        "证明已被撤销，不得采信。",
        "The record was revoked; do not rely on it.",
    ),
    Verdict.SUPERSEDED: (
        "该证明已被新的证明取代，请要求出示新证明。",
        "A newer record took this one's place; ask for the newer one.",
    ),
    Verdict.NOT_LOGGED: (
        "没有证据表明该证明已写入公开日志，不得采信。",
        "Nothing shows that this record is in the public log; do not rely on it.",
    ),
    Verdict.UNTRUSTED_KEY: (
        "签名密钥不在所信任的名单内，不得采信。",
        "The signing key is not among those you trust; do not rely on it.",
    ),
    Verdict.TAMPERED: (
        "内容与签名不符，证明被改动或伪造，不得采信。",
        "Content and signature disagree: changed or forged; do not rely on it.",
    ),
    Verdict.UNKNOWN: (
        "无法判定：请核对编号，或改用更新的核验工具。",
        "No verdict possible: check the number, or use a newer verifier.",
    ),
}

FEW_WITNESSES = (
    "所要求的见证方尚未全部签名：刚签发的证明请过一两分钟重新下载再核验；若一直如此，请勿采信并告知见证方。",
    "Fewer witnesses have signed than you ask for: if the record was just issued, fetch the bundle "
    "again in a minute or two; if it stays so, do not rely on it, and tell the witnesses.",
)

NEWER_LISTS = (
    "新的状态名单见以下地址（各另取 /proof 为 .tlog-proof），存入一个文件夹，用 --status 指明：",
    "Newer lists, each with its proof at …/proof; put them into a folder and name it by --status:",
)

CHECKS: dict[str, tuple[str, str]] = {
    "size": ("大小与文件", "Size and files"),
    "header": ("签名头", "Signature header"),
    "key": ("签名密钥受信任", "Signing key is trusted"),
    "signature": ("数字签名", "Digital signature"),
    "claims": ("内外声明一致", "Claims agree"),
    "schema": ("格式", "Format"),
    "times": ("有效期", "Dates"),
    "log": ("已写入公开日志", "In the public log"),
    "witnesses": ("日志有独立见证方签名", "Log state signed by independent witnesses"),
    "key-at-index": ("写入时密钥有效", "Key was good when logged"),
    "status": ("状态名单", "Status lists"),
    "revocation": ("未被撤销", "Not revoked"),
    "suspension": ("未被暂停", "Not suspended"),
    "refresh": ("未被取代", "Not superseded"),
    "print": ("文件与签发时逐字节相同", "The file is, byte for byte, the one that was issued"),
    "holder": ("持有人信息属于本证明", "What is shown of the holder belongs to this record"),
}
