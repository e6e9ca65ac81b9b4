"""What decoding a body from outside may raise."""

import msgspec

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""msgspec tells of text that is no UTF-8, and of what is nested too deep, by Python's own errors
and not by one of its own."""
