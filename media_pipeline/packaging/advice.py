"""What an author should know of a rule that a published package does not keep: in his words, and
whether there is anything to do."""

import msgspec


class Advice(msgspec.Struct, frozen=True):
    zh: str
    en: str


_NOTHING_TO_DO = Advice(
    "分段不够均匀，切换清晰度或拖动进度时可能略慢；不影响学习，无需处理。",
    "Its pieces are a little uneven, so changing quality or seeking may take a moment longer;"
    " nothing to do.",
)
_TELL = Advice(
    "有一项播放建议没有满足，个别老旧设备上可能播放不畅；如有学员反映，请告知平台管理员。",
    "One recommendation for players is not met, and some old devices may play it less well; if"
    " learners complain, tell the operator.",
)
_BY_RULE = {
    "Apple 1.30": Advice(
        "个别片段的数据量远高于平均，网络差的学员看到那里可能会短暂停顿；"
        "减少大段动画和快速滚动可以改善。",
        "Some passages need far more data than the rest, so learners on a poor line may have to"
        " wait there for a moment; fewer large animations and less fast scrolling help.",
    ),
    "Apple 2.18": Advice(
        "音量与其他课程不完全一致；请检查录音。",
        "Its sound is not quite as loud as other lectures'; check the recording.",
    ),
    "Apple 7.5": _NOTHING_TO_DO,
    "Apple 7.6": _NOTHING_TO_DO,
    "Apple 8.3": Advice(
        "声音和画面的长度略有出入，结尾可能有片刻无声或画面静止；请检查原片结尾。",
        "Sound and picture differ a little in length, so the end may be silent or still for a"
        " moment; check the end of the recording.",
    ),
    "Apple 8.22": _NOTHING_TO_DO,
    "Apple 9.11": _NOTHING_TO_DO,
    "Apple 9.21": Advice(
        "视频没有声音，网络很差时无法退为只听声音；可以加上讲解后重新上传。",
        "It has no sound to fall back on where the line is too poor for pictures; you may add a"
        " voice and upload it again.",
    ),
}


def advice_on(rule: str) -> Advice:
    return _BY_RULE.get(rule, _TELL)
