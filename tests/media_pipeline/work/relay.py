"""`python -m tests.media_pipeline.work.relay HOST FROM TO [FROM TO ...]`: a line between networks.

Bytes that reach HOST:FROM go to 127.0.0.1:TO and back. PostgreSQL and the store listen on the
loopback alone, which a worker in another network namespace cannot reach.
"""

import asyncio
import sys
from contextlib import suppress
from functools import partial


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while content := await reader.read(65536):
            writer.write(content)
            await writer.drain()
    writer.close()


async def _join(to: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        there, back = await asyncio.open_connection("127.0.0.1", to)
    except OSError:
        writer.close()
        return
    await asyncio.gather(_copy(reader, back), _copy(there, writer))


async def main(host: str, ports: list[int]) -> None:
    for here, there in zip(ports[::2], ports[1::2], strict=True):
        await asyncio.start_server(partial(_join, there), host, here)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], [int(port) for port in sys.argv[2:]]))
