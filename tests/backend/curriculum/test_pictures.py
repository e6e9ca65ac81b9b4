"""Images of items: from the edition's folder to whoever was told their hash."""

import base64
import hashlib
from pathlib import Path

import httpx
from msgspec.structs import replace

from backend.curriculum import pictures
from courses import item_pictures
from courses.items.interactions import Choice
from courses.items.rich_text import Image, MediaType
from infra.objects import ObjectStore
from tests.courses import current_edition
from tests.courses.items.samples import SINGLE, an_item
from tests.people import AsPerson

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SHA256 = hashlib.sha256(PNG).hexdigest()


def folder_with(folder: Path, **files: bytes) -> Path:
    (folder / "M02" / "images").mkdir(parents=True)
    for name, content in files.items():
        (folder / "M02" / "images" / f"{name}.png").write_bytes(content)
    return folder


async def test_an_image_is_kept_by_its_hash_and_shown_to_whoever_is_signed_in(
    api: httpx.AsyncClient, object_store: ObjectStore, as_person: AsPerson, tmp_path: Path
) -> None:
    await pictures.keep(folder_with(tmp_path, a=PNG, b=b"<svg onload='x'/>"), object_store)
    address, learner = f"/v1/items/images/{SHA256}", await as_person()
    assert (await api.get(address)).status_code == 401
    found = await api.get(address, headers=learner.headers)
    assert (found.content, found.headers["content-type"]) == (PNG, "image/png")
    assert "sandbox" in found.headers["content-security-policy"]
    unknown = hashlib.sha256(b"<svg onload='x'/>").hexdigest()
    for other in (unknown, "0" * 64):
        gone = await api.get(f"/v1/items/images/{other}", headers=learner.headers)
        assert gone.status_code == 404


def test_an_image_that_an_item_names_and_no_file_holds_is_a_fault(tmp_path: Path) -> None:
    image = (Image(sha256=SHA256, media_type=MediaType.PNG, alt="图"),)
    options = (Choice(id="A", text="一", feedback=image), *SINGLE.options[1:])
    item = an_item(replace(SINGLE, options=options), "M02-901")
    edition = replace(current_edition(), items=(item, an_item(SINGLE)))
    assert [one.where for one in item_pictures.missing(edition, [])] == ["M02-901"]
    held = item_pictures.pictures(folder_with(tmp_path, a=PNG))
    assert list(item_pictures.missing(edition, held)) == []
