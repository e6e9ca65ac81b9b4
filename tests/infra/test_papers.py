"""What people send us as papers, by content."""

import pytest

from infra.papers import DocumentIsActive, DocumentTypeNotTaken, judged

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0....\xff\xd9"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")],
)
def test_a_file_is_what_its_content_says(content: bytes, media_type: str) -> None:
    assert judged(content).media_type == media_type


@pytest.mark.parametrize(
    "content",
    [b"", PDF[:20], PNG[:-1], JPEG + b"<script>", b"<svg/>", b"MZ", b"PK\x03\x04", b"GIF89a" + PDF],
)
def test_what_is_cut_off_disguised_or_of_another_type_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentTypeNotTaken):
        judged(content)


def test_a_pdf_that_acts_is_refused() -> None:
    with pytest.raises(DocumentIsActive):
        judged(PDF.replace(b"<<>> endobj", b"<< /OpenAction 2 0 R >> endobj"))
