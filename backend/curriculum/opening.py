"""When a programme is open: every lesson written and playable, every bank five papers deep."""

from collections.abc import Collection

from courses.checker import whats_missing
from courses.format import Bilingual, Edition, Programme
from courses.programmes import lessons_of


def why_not_open(
    edition: Edition, programme: Programme, with_lecture: Collection[str]
) -> Bilingual | None:
    """The first thing missing and how many more; None when the programme is open.

    `with_lecture`: codes of lessons that have a playable lecture for this kind of programme.
    """
    missing = [problem.where for problem in whats_missing(edition, programme)]
    if missing:
        return Bilingual(
            zh=f"内容编写中：{missing[0]} 等 {len(missing)} 处尚未完成",
            en=f"Being written: {missing[0]} and {len(missing) - 1} more are not finished",
        )
    silent = [c.code for c in lessons_of(edition, programme) if c.code not in with_lecture]
    if silent:
        return Bilingual(
            zh=f"课件制作中：{silent[0]} 等 {len(silent)} 个小节尚无可播放的课件",
            en=f"{silent[0]} and {len(silent) - 1} more lessons have no playable lecture yet",
        )
    return None
