from courses.editions import CURRENT as CONTENT

__all__ = ["CONTENT"]
