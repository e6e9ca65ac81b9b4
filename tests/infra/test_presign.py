from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from minio import Minio

from infra.objects import ObjectStore
from infra.presign import Presigner

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
LIFETIME = timedelta(hours=2)
CLIENT = Minio(
    endpoint="store:9000",
    secure=False,
    region="us-east-1",
    access_key="KEY/+",
    secret_key="SECRET",
)
OURS = Presigner(
    "http://store:9000/bucket",
    access_key="KEY/+",
    secret_key="SECRET",
    region="us-east-1",
    at=AT,
    lifetime=LIFETIME,
)


@given(st.text(min_size=1, max_size=20).filter(lambda name: name.isprintable()))
def test_addresses_are_those_of_the_stores_own_client(name: str) -> None:
    path = f"lectures/{name}.m4s"
    theirs = CLIENT.presigned_get_object(
        bucket_name="bucket", object_name=path, expires=LIFETIME, request_date=AT
    )
    assert OURS.get(path) == theirs


@pytest.mark.parametrize("name", ["a/b.m4s", "第一课/1 +&=.m4s"])
async def test_the_store_accepts_an_address_and_no_other(
    object_store: ObjectStore, name: str
) -> None:
    await object_store.put_bytes(name, b"segment", "video/iso.segment")
    address = object_store.presigner(timedelta(minutes=1)).get(name)
    async with httpx.AsyncClient() as anyone:
        assert (await anyone.get(address)).content == b"segment"
        assert (await anyone.get(address.replace("m4s", "mp4"))).status_code == 403
