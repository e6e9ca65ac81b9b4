"""What is said to somebody, whatever carries it."""

import msgspec


class Text(msgspec.Struct, frozen=True):
    """`template` is its stable name: carriers in China send approved templates only."""

    template: str
    zh: str
    en: str
    code: str | None = None
    link: str | None = None
    """Sent behind the words, and shown nowhere else: it may open something."""
    subject: str | None = None
    """Of a mail, in both languages."""
    id: str | None = None
    """The same each time it is sent, where it may be sent twice."""

    def with_link(self, words: str) -> str:
        return f"{words} {self.link}" if self.link else words
