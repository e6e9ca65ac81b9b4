"""What is said on a terminal: words of strangers that move no cursor, and errors that help."""

import sys
import unicodedata
from urllib.error import URLError


def complain(command: str, error: Exception) -> None:
    """To standard error, in Chinese and English, with what to do about it where that is known."""
    zh, en = _advice(error)
    print(plain(f"guanbiao {command}: {zh}\n{en}"), file=sys.stderr)


def _advice(error: Exception) -> tuple[str, str]:
    match error:
        case FileNotFoundError():
            return (
                f"找不到 {error.filename}，请核对路径。",
                f"There is no {error.filename}; check the path.",
            )
        case IsADirectoryError() | NotADirectoryError() | PermissionError():
            return (
                f"无法读写 {error.filename}（{error.strerror}），请核对路径和权限。",
                f"{error.filename} cannot be read or written: {error.strerror}.",
            )
        case URLError() | TimeoutError() | ConnectionError():
            why = getattr(error, "reason", error)
            return (
                f"连不上对方服务器，请核对地址和网络（{why}）。",
                f"The server is out of reach: {why}. Check the address and your network.",
            )
    return f"无法继续：{error}", f"Cannot go on: {error}"


def plain(text: str) -> str:
    """Line ends stay, other spaces become plain ones, and what cannot be seen is marked."""
    return "".join(sign if sign.isprintable() or sign == "\n" else _marked(sign) for sign in text)


def _marked(sign: str) -> str:
    return " " if unicodedata.category(sign) == "Zs" else "\N{REPLACEMENT CHARACTER}"
