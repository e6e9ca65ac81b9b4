"""What the sweep asks of the object store."""

from infra.objects import ObjectStore


async def test_a_store_is_listed_page_by_page(object_store: ObjectStore) -> None:
    for name in ("listed/a/1", "listed/a/2", "listed/b/1", "listed/c"):
        await object_store.put_bytes(name, b"12345", "text/plain")
    deep = [info async for page in object_store.pages("listed/") for info in page]
    assert [(info.name, info.size) for info in deep] == [
        *(("listed/a/1", 5), ("listed/a/2", 5), ("listed/b/1", 5), ("listed/c", 5))
    ]
    level = [info async for page in object_store.pages("listed/", deep=False) for info in page]
    assert sorted(info.name for info in level) == ["listed/a/", "listed/b/", "listed/c"]


async def test_open_multiparts_are_found_until_they_are_aborted(object_store: ObjectStore) -> None:
    name = "opened/one"
    upload = await object_store.multipart_begin(name, "text/plain")
    found = [one async for page in object_store.open_multiparts("opened/") for one in page]
    assert [(one.name, one.upload) for one in found] == [(name, upload)]
    await object_store.multipart_abort(name, upload)
    assert [one async for page in object_store.open_multiparts("opened/") for one in page] == []
