"""What a person will know a device by. The whole User-Agent is kept nowhere."""

import re

_BROWSERS = (
    ("MicroMessenger/", "微信 WeChat"),
    ("DingTalk/", "钉钉 DingTalk"),
    ("Edg", "Edge"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Mi Browser"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_PROGRAM = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)


def device_label(user_agent: str) -> str:
    """ "Chrome · Android"; of a program its name; "" where nothing is said. At most 40 + 12."""
    found = [_first(user_agent, names) for names in (_BROWSERS, _SYSTEMS)]
    if named := " · ".join(filter(None, found)):
        return named
    program = _PROGRAM.match(user_agent)
    return program[0] if program else ""


def _first(user_agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in user_agent), "")
