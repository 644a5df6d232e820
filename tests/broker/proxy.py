"""A TCP proxy whose network can be made slow, still, torn or half open."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, Self

CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no patience: closing sends RST
PRODUCE = b"\0\0"
"""The kind of request that carries records, at the fifth and sixth byte of it."""


class Proxy:
    """Within it, connections to `port` go on to `to_port`, both on loopback."""

    def __init__(self, port: int, to_port: int) -> None:
        self.port, self._to_port = port, to_port
        self.delay_s = 0.0
        """How long each chunk is held, each way."""
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._takes_records = asyncio.Event()
        self._dead: set[asyncio.StreamWriter] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._answering: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def stall(self) -> None:
        """Connections stay, and connections come, but nothing passes until `flow`."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def flow(self) -> None:
        """Let everything pass that was held."""
        self._loop.call_soon_threadsafe(self._flows.set)
        self._loop.call_soon_threadsafe(self._takes_records.set)

    def take_no_records(self) -> None:
        """Hold every request that carries records, and what follows it on its connection, until `flow`."""
        self._loop.call_soon_threadsafe(self._takes_records.clear)

    def reset(self) -> None:
        """Tear every connection, as a router that lost its tables does."""
        self._do(self._tear())

    @property
    def connections(self) -> frozenset[asyncio.StreamWriter]:
        """Those that are there."""
        return frozenset(self._answering)

    def half_open(self, spared: frozenset[asyncio.StreamWriter]) -> None:
        """Never let an answer pass again on the other connections that are there; nobody hears that they are dead."""
        self._loop.call_soon_threadsafe(lambda: self._dead.update(self._answering - spared))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self) -> None:
        self._flows.set()
        self._takes_records.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._tear()
        await asyncio.sleep(0.05)  # the transports close in their own time

    async def _tear(self) -> None:
        for writer in list(self._writers):
            connection = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(to_writer)
        self._answering.add(writer)
        await asyncio.gather(self._carry(reader, to_writer), self._carry(to_reader, writer))
        self._writers -= {writer, to_writer}
        self._answering.discard(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A line of some length: what is on its way does not hold back what follows."""
        underway: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._arrive(underway, writer))
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                underway.put_nowait((self._loop.time() + self.delay_s, chunk))
        underway.put_nowait((self._loop.time() + self.delay_s, b""))
        await arriving

    async def _arrive(self, underway: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while (arrival := await underway.get())[1]:
                due, chunk = arrival
                await asyncio.sleep(due - self._loop.time())
                await self._flows.wait()
                if writer not in self._answering and chunk[4:6] == PRODUCE:
                    await self._takes_records.wait()
                if writer in self._dead:
                    continue
                writer.write(chunk)
                await writer.drain()
        writer.close()
