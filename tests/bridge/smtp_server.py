"""A mail server on loopback that keeps what it is given: plain, STARTTLS or TLS, with AUTH PLAIN."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    """What arrived: messages as text, logins as (user, password), and whether each came encrypted."""

    port: int = 0
    messages: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refuse: bytes = b""


@contextmanager
def serving(*, tls: ssl.SSLContext | None = None, from_start: bool = False) -> Iterator[Mailbox]:
    """Serve until the block ends; ``from_start`` is TLS from the first byte, else ``tls`` offers STARTTLS."""
    box = Mailbox()
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def main() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _Talk(box, reader, writer, tls, from_start).go()

        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls if from_start else None)
        box.port = server.sockets[0].getsockname()[1]
        ready.set()

    def work() -> None:
        loop.run_until_complete(main())
        loop.run_forever()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


class _Talk:
    def __init__(self, box, reader, writer, tls, encrypted) -> None:
        self.box, self.reader, self.writer, self.tls, self.encrypted = box, reader, writer, tls, encrypted

    async def go(self) -> None:
        await self.say(b"220 test")
        while line := (await self.reader.readline()).strip():
            word = line.split()[0].upper()
            if word == b"EHLO":
                offers = [
                    b"250-test",
                    *([b"250-STARTTLS"] if self.tls and not self.encrypted else []),
                    b"250 AUTH PLAIN",
                ]
                await self.say(b"\r\n".join(offers))
            elif word == b"STARTTLS":
                await self.say(b"220 go on")
                await self.writer.start_tls(self.tls)
                self.encrypted = True
            elif word == b"AUTH":
                _, user, password = base64.b64decode(line.split()[2]).split(b"\0")
                self.box.logins.append((user.decode(), password.decode()))
                await self.say(self.box.refuse or b"235 welcome")
            elif word == b"DATA":
                await self.say(b"354 go on")
                await self.take()
            elif word == b"QUIT":
                await self.say(b"221 bye")
                break
            else:
                await self.say(b"250 ok")
        self.writer.close()

    async def take(self) -> None:
        lines = []
        while (line := await self.reader.readline()) != b".\r\n":
            lines.append(line)
        self.box.messages.append(b"".join(lines).decode())
        self.box.encrypted.append(self.encrypted)
        await self.say(b"250 kept")

    async def say(self, line: bytes) -> None:
        self.writer.write(line + b"\r\n")
        await self.writer.drain()
