"""Stored playlists, remembered: their prefix is never written twice, so they never grow stale."""

from collections import OrderedDict

from infra.objects import ObjectStore

_REMEMBERED = 512
_REMEMBERED_CHARACTERS = 200_000  # a lecture of six hours has less; 512 of those are 100 MB at most
_texts: OrderedDict[tuple[str, str], str] = OrderedDict()


async def playlist(objects: ObjectStore, name: str) -> str:
    key = (objects.bucket, name)
    text = _texts.get(key)
    if text is None:
        text = (await objects.get_bytes(name)).decode()
        if len(text) <= _REMEMBERED_CHARACTERS:
            _texts[key] = text
        while len(_texts) > _REMEMBERED:
            _texts.popitem(last=False)
    else:
        _texts.move_to_end(key)
    return text
