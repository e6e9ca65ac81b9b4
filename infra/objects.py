"""The object store, through MinIO's client.

The client blocks, so each call runs in a thread. `region` is always given: without it the client
asks the server first, and presigning would go over the network.
"""

import asyncio
import errno
import io
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import msgspec
import urllib3
from minio import Minio
from minio.datatypes import ListMultipartUploadsResult, Part
from minio.error import InvalidResponseError, S3Error, ServerError

from infra.clock import system_clock
from infra.errors import Conflict, NotFound, Unavailable
from infra.presign import Presigner

T = TypeVar("T")
_TIMEOUT = urllib3.Timeout(connect=3, read=60)
CHUNK_BYTES = 256 << 10
FOREVER = "public, max-age=31536000, immutable"
"""Published names are never written twice. Public: whoever holds a signed address may share it."""
_PAGE = 1000
_NO_ROOM_HERE = {errno.ENOSPC, errno.EDQUOT}  # on our own disk, while downloading


class NoSuchObject(NotFound):
    """The object store holds nothing under that name."""

    zh = "对象存储中没有该文件。"


class PartsNotAsTold(Conflict):
    """The store's parts of this multipart upload are not those of the list; store them again."""

    zh = "对象存储中的分片与所列不符，请重新上传分片。"


class StoreUnreachable(Unavailable):
    """The object store does not answer; nothing was lost, try again in a minute."""

    zh = "对象存储暂时无法访问，数据没有丢失，请一分钟后重试。"


class StoreFull(Unavailable):
    """The object store has no room left; nothing was lost, work goes on once there is room."""

    zh = "对象存储空间已满，数据没有丢失；腾出空间后会自动继续。"


class ObjectInfo(msgspec.Struct, frozen=True):
    name: str
    size: int
    etag: str


class OpenMultipart(msgspec.Struct, frozen=True):
    name: str
    upload: str
    begun_at: datetime | None


class ObjectStore:
    """One bucket. Names are `/`-separated keys; published names are never written twice."""

    def __init__(self, client: Minio, public: Minio, bucket: str) -> None:
        self._client, self._public, self.bucket = client, public, bucket

    @classmethod
    def from_url(cls, url: str, public_url: str = "") -> "ObjectStore":
        """`url`: http(s)://KEY:SECRET@host:port/bucket?region=R (see `Settings.objects_url`)."""
        parts = urlsplit(url)
        bucket = parts.path.strip("/")
        if not (parts.hostname and parts.username and parts.password and bucket):
            raise ValueError("OBJECTS_URL must be http(s)://KEY:SECRET@host:port/bucket")
        public = urlsplit(public_url) if public_url else parts
        return cls(_client(url, parts.netloc), _client(url, public.netloc, public.scheme), bucket)

    async def ensure_bucket(self) -> None:
        if not await self._call(lambda: self._client.bucket_exists(bucket_name=self.bucket)):
            await self._call(lambda: self._client.make_bucket(bucket_name=self.bucket))

    async def put_bytes(self, name: str, content: bytes, content_type: str) -> None:
        await self._call(
            lambda: self._client.put_object(
                bucket_name=self.bucket,
                object_name=name,
                data=io.BytesIO(content),
                length=len(content),
                content_type=content_type,
            )
        )

    async def put_all(self, contents: Mapping[str, bytes], content_type: str) -> None:
        """Beside each other. What went wrong is raised when none of them goes on any more."""
        puts = [self.put_bytes(name, content, content_type) for name, content in contents.items()]
        for done in await asyncio.gather(*puts, return_exceptions=True):
            if done is not None:
                raise done

    async def put_file(
        self, name: str, path: Path, content_type: str, *, cache_control: str = FOREVER
    ) -> None:
        """`cache_control` is what the store says to whoever fetches the object later."""
        await self._call(
            lambda: self._client.fput_object(
                bucket_name=self.bucket,
                object_name=name,
                file_path=str(path),
                content_type=content_type,
                metadata={"Cache-Control": cache_control},
            )
        )

    async def get_bytes(self, name: str) -> bytes:
        def read() -> bytes:
            answer = self._client.get_object(bucket_name=self.bucket, object_name=name)
            try:
                return answer.read()
            finally:
                answer.close()
                answer.release_conn()

        return await self._call(read)

    async def stream(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        """Bytes [start, start + length), at most CHUNK_BYTES of them in memory.

        Closing the iterator ends the store's stream too. StoreUnreachable also where it breaks
        off: what is missing may be asked for again from there.
        """
        if length == 0:
            return
        answer = await self._call(
            lambda: self._client.get_object(
                bucket_name=self.bucket, object_name=name, offset=start, length=length
            )
        )
        reading: asyncio.Future[bytes] | None = None
        try:
            for left in range(length, 0, -CHUNK_BYTES):
                reading = asyncio.ensure_future(self._read(answer, min(CHUNK_BYTES, left)))
                yield await asyncio.shield(reading)
        finally:
            _end(answer, after=reading)

    async def _read(self, answer: urllib3.BaseHTTPResponse, length: int) -> bytes:
        found = await self._call(lambda: answer.read(length))
        if len(found) < length:
            raise StoreUnreachable
        return found

    async def download(self, name: str, path: Path) -> None:
        await self._call(
            lambda: self._client.fget_object(
                bucket_name=self.bucket, object_name=name, file_path=str(path)
            )
        )

    async def stat(self, name: str) -> ObjectInfo:
        found = await self._call(
            lambda: self._client.stat_object(bucket_name=self.bucket, object_name=name)
        )
        return ObjectInfo(name, found.size or 0, found.etag or "")

    async def list_names(self, prefix: str) -> list[str]:
        def names() -> list[str]:
            found = self._client.list_objects(
                bucket_name=self.bucket, prefix=prefix, recursive=True
            )
            return [item.object_name for item in found if item.object_name]

        return await self._call(names)

    async def pages(self, prefix: str, *, deep: bool = True) -> AsyncIterator[list[ObjectInfo]]:
        """What lies under `prefix`, some at a time: a bucket may hold millions. Not `deep`: its
        files and, ending in `/`, its folders."""
        found = self._client.list_objects(bucket_name=self.bucket, prefix=prefix, recursive=deep)
        while page := await self._call(lambda: list(islice(found, _PAGE))):
            yield [
                ObjectInfo(item.object_name, item.size or 0, item.etag or "")
                for item in page
                if item.object_name
            ]

    async def open_multiparts(self, prefix: str) -> AsyncIterator[list[OpenMultipart]]:
        """Multipart uploads under `prefix` that nobody completed or aborted."""
        after: str | None = None
        while True:
            found = await self._call(partial(self._list_multiparts, prefix, after))
            if found.uploads:
                yield [
                    OpenMultipart(item.object_name, item.upload_id or "", item.initiated_time)
                    for item in found.uploads
                    if item.object_name.startswith(prefix)
                ]
            if not found.is_truncated or not found.uploads:
                return
            after = found.uploads[-1].object_name

    def _list_multiparts(self, prefix: str, after: str | None) -> ListMultipartUploadsResult:
        return self._client._list_multipart_uploads(
            bucket_name=self.bucket, prefix=prefix, key_marker=after, max_uploads=_PAGE
        )

    async def remove(self, name: str) -> None:
        await self._call(
            lambda: self._client.remove_object(bucket_name=self.bucket, object_name=name)
        )

    def presign_get(self, name: str, lifetime: timedelta) -> str:
        """A short-lived address that needs no header. Signed locally, at the machine's time."""
        return self._public.presigned_get_object(
            bucket_name=self.bucket, object_name=name, expires=lifetime
        )

    def presigner(self, lifetime: timedelta, *, steady: timedelta = timedelta(0)) -> Presigner:
        """As `presign_get`, for many names at this moment.

        `steady`: for so long the same addresses are given to everybody, so that browsers' and
        shared caches know a file again; they live that much longer.
        """
        provider, region = self._public._provider, self._public._get_region(self.bucket)
        assert provider is not None
        keys = provider.retrieve()
        found = self._public._base_url.build(
            method="GET", region=region, bucket_name=self.bucket, object_name="x"
        )
        return Presigner(
            urlunsplit(found).removesuffix("/x"),
            access_key=keys.access_key,
            secret_key=keys.secret_key,
            region=region,
            at=_floored(system_clock(), steady) if steady else system_clock(),
            lifetime=lifetime + steady,
        )

    async def multipart_begin(self, name: str, content_type: str) -> str:
        return await self._call(
            lambda: self._client._create_multipart_upload(
                bucket_name=self.bucket,
                object_name=name,
                headers={"Content-Type": content_type},
            )
        )

    async def multipart_part(
        self, name: str, upload: str, number: int, content: bytes | memoryview
    ) -> str:
        """Store one part (at least 5 MiB except the last) and return its ETag."""
        return await self._call(
            lambda: self._client._upload_part(
                bucket_name=self.bucket,
                object_name=name,
                data=cast("bytes", content),  # it takes any buffer
                headers=None,
                upload_id=upload,
                part_number=number,
            )
        )

    async def multipart_complete(self, name: str, upload: str, etags: list[str]) -> None:
        parts = [Part(part_number=n, etag=etag) for n, etag in enumerate(etags, start=1)]
        await self._call(
            lambda: self._client._complete_multipart_upload(
                bucket_name=self.bucket, object_name=name, upload_id=upload, parts=parts
            )
        )

    async def multipart_abort(self, name: str, upload: str) -> None:
        await self._call(
            lambda: self._client._abort_multipart_upload(
                bucket_name=self.bucket, object_name=name, upload_id=upload
            )
        )

    async def _call(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except S3Error as error:
            if error.code in {"NoSuchKey", "NoSuchBucket", "NoSuchUpload"}:
                raise NoSuchObject from error
            if error.code == "InvalidPart":
                raise PartsNotAsTold from error
            if _says_full(error):
                raise StoreFull from error
            if error.response.status >= 500:
                raise StoreUnreachable from error
            raise
        except (ServerError, InvalidResponseError) as error:  # a proxy's answer, not the store's
            raise StoreUnreachable from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            if isinstance(error, OSError) and error.errno in _NO_ROOM_HERE:
                raise
            raise StoreUnreachable from error


def _says_full(error: S3Error) -> bool:
    """As MinIO, Ceph and SeaweedFS say it."""
    return (
        error.response.status == HTTPStatus.INSUFFICIENT_STORAGE
        or error.code in {"XMinioStorageFull", "QuotaExceeded", "InsufficientStorage"}
        or any(words in (error.message or "") for words in ("no free volumes", "no writable"))
    )


def _floored(moment: datetime, step: timedelta) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % step.total_seconds())


def _end(answer: urllib3.BaseHTTPResponse, *, after: "asyncio.Future[bytes] | None") -> None:
    """Closes a stream once nobody reads it: closing under a reader would block this thread."""

    def close(read: "asyncio.Future[bytes] | None" = None) -> None:
        if read is not None and not read.cancelled():
            read.exception()  # seen: nobody is left who would want to know
        answer.close()
        answer.release_conn()

    if after is None or after.done():
        close(after)
    else:
        after.add_done_callback(close)


def _client(url: str, endpoint: str, scheme: str = "") -> Minio:
    parts = urlsplit(url)
    return Minio(
        endpoint=endpoint.rpartition("@")[2],
        access_key=unquote(parts.username or ""),
        secret_key=unquote(parts.password or ""),
        secure=(scheme or parts.scheme) == "https",
        region=parse_qs(parts.query).get("region", ["us-east-1"])[0],
        http_client=urllib3.PoolManager(
            timeout=_TIMEOUT, maxsize=16, retries=urllib3.Retry(2, backoff_factor=0.2)
        ),
    )
