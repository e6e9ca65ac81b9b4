"""Why a lecture did not become a stream.

    Refused 422       the file is at fault: never retried, the author is told what to do
    MachineFault 503  the machine is at fault: the same file may pass next time

Codes are stable (`Truncated` is `truncated`) and travel to the author's page.
"""

from infra.errors import Invalid, Unavailable


class Refused(Invalid):
    """This file cannot become a lecture; export it as MP4 (H.264, AAC) and upload it again."""

    zh = "该文件无法制作成课程视频；请导出为 MP4（H.264 + AAC）后重新上传。"

    @property
    def en(self) -> str:
        return str(self)


class NotAVideo(Refused):
    """This is not a video or sound file, whatever its name says; export the lecture as MP4."""

    zh = "该文件不是视频或音频（与扩展名无关）；请将课程导出为 MP4 后重新上传。"


class EmptyFile(Refused):
    """The file is empty; save the recording again, check that it plays, then upload it."""

    zh = "文件为空；请重新保存录像，确认能够播放后再上传。"


class Truncated(Refused):
    """The file breaks off before its end; copy or export it again in full, then upload it."""

    zh = "文件不完整，中途截断；请重新完整地拷贝或导出，再上传。"


class PlaylistInDisguise(Refused):
    """This is a list that points at other files, not a video; upload the video itself."""

    zh = "该文件是指向其他文件的播放列表，而不是视频；请上传视频文件本身。"


class UnknownContainer(Refused):
    """This kind of file is not taken; export as MP4, MOV, MKV, WebM, AVI, WMV, FLV or MPEG."""

    zh = "不支持这种文件格式；请导出为 MP4、MOV、MKV、WebM、AVI、WMV、FLV 或 MPEG。"


class NoVideoOrAudio(Refused):
    """The file holds neither picture nor sound that can be read; export it as H.264 and AAC."""

    zh = "文件中没有可读取的画面或声音；请以 H.264 + AAC 编码重新导出。"


class TooManyPixels(Refused):
    """The picture is larger than 8K (7680 × 4320); export it at 1920 × 1080."""

    zh = "画面超过 8K（7680 × 4320）；请以 1920 × 1080 重新导出。"


class TooFewPixels(Refused):
    """The picture is smaller than 16 pixels on a side; export it at 1280 × 720 or more."""

    zh = "画面边长不足 16 像素；请以 1280 × 720 或更高分辨率重新导出。"


class StillPicture(NotAVideo):
    """This is a picture, not a lecture; put it into your slides and export those as a video."""

    zh = "这是一张图片，而不是课程视频；请将其放入幻灯片，并导出为视频后上传。"


class DolbyVisionOnly(Refused):
    """The picture is Dolby Vision without a standard one beside it; record or export as HDR10, HLG
    or ordinary colours, then upload it again."""

    zh = "画面为不含标准图像的杜比视界格式；请以 HDR10、HLG 或普通色彩重新录制或导出后上传。"


class TooLong(Refused):
    """The recording is longer than six hours; cut it into lessons and upload each."""

    zh = "录像超过六小时；请按课时剪开后分别上传。"


class TooShort(Refused):
    """The recording is shorter than one second; upload the whole lecture."""

    zh = "录像不足一秒；请上传完整的课程。"


class Undecodable(Refused):
    """The picture or sound is damaged or in a rare format; export it as MP4 (H.264, AAC)."""

    zh = "画面或声音已损坏，或采用了罕见编码；请导出为 MP4（H.264 + AAC）后重新上传。"


class MachineFault(Unavailable):
    """Processing failed on our side; nothing was lost and it will be tried again."""

    zh = "处理过程出现故障；文件没有丢失，系统会自动重试。"

    @property
    def en(self) -> str:
        return str(self)


class TimedOut(MachineFault):
    """Processing took far longer than such a lecture should; it will be tried again."""

    zh = "处理时间远超正常范围；系统会自动重试。"


class DiskFull(MachineFault):
    """The machine that encodes has no room left on its disk; it will be tried again."""

    zh = "编码服务器磁盘空间不足；系统会自动重试。"


class ToolMissing(MachineFault):
    """A media tool is missing on this machine; `guanbiao doctor` names it."""

    zh = "本机缺少媒体工具；请运行 guanbiao doctor 查看。"


class FaultyPackage(MachineFault):
    """The encoded lecture failed its own check and was not published; it will be tried again."""

    zh = "编码结果未通过自检，未予发布；系统会自动重试。"
