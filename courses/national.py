"""The national curriculum map of the first edition: what every edition 2026.x must agree with.

Kept apart from the authors' files on purpose: whoever changes hours or an exam must say it twice.
"""

from courses.format import Kind

S, M, T, C, E = Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE, Kind.CASE, Kind.ESSAY

MODULE_HOURS = {
    **{"M01": 4, "M02": 2, "M03": 4, "M04": 6, "M05": 2, "M06": 2, "M07": 4, "M08": 4, "M09": 4},
    **{"M10": 4, "M11": 8, "M12": 8, "M13": 8, "M14": 2, "M15": 4, "M16": 4, "M17": 8},
    **{"M18": 2, "M19": 2},
}

PROGRAMMES = {
    "LEAD": ("M09", 4, "E1"),
    "MGR": ("M02 M03 M04 M05 M06", 16, "E2"),
    "IA-E": ("M02 M03 M04 M05 M06 M07 M08", 24, "E3"),
    "IA-U": ("M01 M02 M07 M08 M12 M14", 24, "E3"),
    "IA-R": ("M01 M02 M07 M08 M13 M14", 24, "E3"),
    "AUD": ("M01 M02 M03 M04 M05 M06 M07 M08 M10 M11", 40, "E4"),
    "TECH": ("M02 M10 M19", 8, "E1"),
    "CONS": ("M02 M03 M04 M05 M06 M18", 18, "E2"),
    "TR-IA": ("M15", 4, "E5"),
    "TR-AUD": ("M15 M16", 8, "E5"),
    "CE-AUD": ("M17", 16, "E5"),
}
"""Programme: compulsory modules, class hours (CE-AUD: 8 of them elective), exam."""

EXAMS = {
    "E1": ([((S, T), 10, 10)], 60, 20),
    "E2": ([((S,), 40, 1.5), ((M,), 10, 2), ((T,), 20, 1)], 60, 60),
    "E3": ([((S,), 40, 1), ((M,), 15, 2), ((T,), 10, 1), ((C,), 2, 10)], 70, 90),
    "E4": (
        [((S,), 30, 1), ((M,), 10, 2), ((T,), 10, 1), ((E,), 2, 10), ((C,), 4, 5)],
        70,
        120,
    ),
    "E5": ([((S,), 30, 2), ((M,), 10, 3), ((T,), 10, 1)], 70, 60),
}
"""Exam: sections (kinds, count, points), pass mark, minutes."""

LEVEL_SHARES = (30, 35, 25, 10)
EXAM_TOPICS = {
    "E3": {"法规诚信": 15, "条款": 45, "合规": 10, "审核": 30},
    "E4": {"法规": 20, "标准": 50, "审核": 30},
}
