"""Why captions were not taken, in words an author can act on."""

from collections.abc import Sequence
from typing import ClassVar

from infra.errors import Conflict, DomainError, Invalid, NotFound, TooLarge, Unavailable
from media_pipeline.captions.domain import CUES, Cue, Fault
from media_pipeline.captions.write import clock

_SHOWN = 10


class CaptionsTooLarge(TooLarge):
    """The file is larger than 2 MiB; captions are text: check that it is not a video or picture."""

    zh = "文件超过 2 MiB；字幕应为文本文件，请检查是否误选了视频或图片。"


class CaptionsEmpty(Invalid):
    """The file holds no captions; check that it was saved in full, then upload it again."""

    zh = "文件中没有字幕；请确认文件已完整保存，再重新上传。"


class EncodingUnknown(Invalid):
    """The file's characters cannot be read; save it as UTF-8 and upload it again."""

    zh = "无法识别文件的文字编码；请另存为 UTF-8 后重新上传。"


class NotCaptions(Invalid):
    """This is neither SRT nor WebVTT nor ASS/SSA; export the captions as one of these."""

    zh = "该文件不是 SRT、WebVTT 或 ASS/SSA 字幕；请导出为其中一种格式。"


class TooManyCues(Invalid):
    __doc__ = f"The file holds more than {CUES} captions; cut it with its lecture into lessons."

    zh = f"字幕超过 {CUES} 条；请随课程一起按课时剪开。"


class CaptionsFaulty(Invalid):
    """Some lines of the captions are not right; correct them and upload the file again."""

    zh = "字幕中有几行不正确；请更正后重新上传。"

    def __init__(self, faults: Sequence[Fault]) -> None:
        shown = sorted(faults, key=lambda fault: fault.line)[:_SHOWN]
        more = len(faults) - len(shown)
        en = "; ".join(f"line {fault.line}: {fault.en}" for fault in shown)
        zh = "；".join(f"第 {fault.line} 行：{fault.zh}" for fault in shown)
        super().__init__(
            en + (f"; and {more} more" if more else ""),
            zh=zh + (f"；另有 {more} 处" if more else ""),
            fields={f"line {fault.line}": f"{fault.zh} / {fault.en}" for fault in shown},
        )


class LanguageUnknown(Invalid):
    """Name the language by its BCP 47 tag, such as zh-Hans, zh-Hant or en."""

    zh = "请以 BCP 47 标签注明语言，例如 zh-Hans、zh-Hant、en。"


class LabelNotGood(Invalid):
    """A label has 1 to 100 printable characters."""

    zh = "名称应为 1 至 100 个可显示的字符。"


class NoCaptions(NotFound):
    """This lecture has no captions in that language; see the list of its captions."""

    zh = "该视频没有这种语言的字幕；请查看其字幕列表。"


class NoSuchSegment(NotFound):
    """The captions have no such part; start from the address of their playlist."""

    zh = "字幕中没有这一段；请从播放列表的地址开始访问。"


class CaptionsChanged(DomainError):
    """The captions have changed since you fetched them; fetch them again (GET gives the new ETag),
    bring your changes in, and send If-Match with that ETag."""

    status_code: ClassVar[int] = 412
    zh = (
        "字幕在您取得之后已被修改；请重新获取（GET 会给出新的 ETag），"
        "合并改动后，以该 ETag 作为 If-Match 再提交。"
    )


class UploadedCaptionsStand(Conflict):
    """An author has uploaded captions in this language, and recognised ones never replace them;
    delete them first if you want the machine's."""

    zh = "该语言已有作者上传的字幕，自动识别的结果不会覆盖它；如需自动识别，请先删除该字幕。"


class NoTranscriber(Conflict):
    """No speech recogniser is set up on this instance; upload captions as SRT, WebVTT or ASS, or
    ask the operator to set GUANBIAO_TRANSCRIBER (docs/how-to-captions.md)."""

    zh = (
        "本平台未配置语音识别；请上传 SRT、WebVTT 或 ASS 字幕，"
        "或请管理员设置 GUANBIAO_TRANSCRIBER（见 docs/how-to-captions.md）。"
    )


class NotYetPlayable(Conflict):
    """Speech can be recognised once the lecture is playable; wait for that, then ask again."""

    zh = "视频可以播放之后才能进行语音识别；请待其状态变为 playable 后再试。"


class NoSpeechHeard(Conflict):
    """The recogniser heard no speech, or wrote no captions; upload captions instead."""

    zh = "未识别到语音，或识别程序没有输出字幕；请改为上传字幕。"


class NothingToHear(Conflict):
    """This lecture has no sound to recognise speech in."""

    zh = "该视频没有声音，无法进行语音识别。"


class RecognitionFailed(Unavailable):
    """Speech recognition failed on our side; ask for it again, and tell the operator if it fails
    once more, or upload captions."""

    zh = "语音识别程序出现故障；可以再次申请，如仍失败请告知平台管理员，或改为上传字幕。"


class CaptionsLate(Invalid):
    """A caption begins after the lecture's end; is this the file of another lecture?"""

    zh = "有字幕在视频结束之后才开始；是否误选了其他课程的字幕？"

    def __init__(self, first: Cue, count: int, duration_ms: int) -> None:
        began, ended = clock(first.from_ms), clock(duration_ms)
        super().__init__(
            f"{count} captions begin after the lecture's end ({ended}), the first at {began}: is"
            " this the file of another lecture? Otherwise remove them and upload the file again.",
            zh=f"有 {count} 条字幕在视频结束（{ended}）之后才开始，首条在 {began}；"
            "是否误选了其他课程的字幕？否则请删去这些字幕后重新上传。",
        )
