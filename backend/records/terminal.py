"""Words of strangers on a terminal: they must neither move the cursor nor turn a line around."""

import unicodedata


def plain(text: str) -> str:
    """Line ends stay, other spaces become plain ones, and what cannot be seen is marked."""
    return "".join(sign if sign.isprintable() or sign == "\n" else _marked(sign) for sign in text)


def _marked(sign: str) -> str:
    return " " if unicodedata.category(sign) == "Zs" else "\N{REPLACEMENT CHARACTER}"
