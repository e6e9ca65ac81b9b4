"""An edition as it will be one day: every lesson written, and no bank too small."""

from msgspec.structs import replace

from courses.format import Edition


def in_full(edition: Edition) -> Edition:
    """As if every lesson were written as M02-L01 is, its questions under codes of their own."""
    like = edition.lesson("M02-L01")
    modules = (
        replace(
            module,
            lessons=tuple(
                replace(
                    lesson,
                    text=like.text,
                    summary=like.summary,
                    check_questions=tuple(
                        replace(question, id=f"{lesson.code}-Q{n}")
                        for n, question in enumerate(like.check_questions, 1)
                    ),
                )
                for lesson in module.lessons
            ),
        )
        for module in edition.modules
    )
    blueprints = tuple(replace(one, bank_multiple=0) for one in edition.blueprints)
    return replace(edition, modules=tuple(modules), blueprints=blueprints)
