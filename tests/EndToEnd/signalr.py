"""The little of SignalR's JSON protocol that an independent client needs, over a WebSocket of the standard library's own making."""
import asyncio
import base64
import json
import os
import struct
from urllib.parse import urlsplit

END = "\x1e"


class Hub:
    """One connection; calls are answered in the order in which the hub answers them."""

    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer
        self._calls = {}
        self._text = ""

    @classmethod
    async def connect(cls, url):
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        origin = f"{parts.scheme}://{parts.netloc}"
        writer.write(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.decode(errors="replace"))
        hub = cls(reader, writer)
        hub._send({"protocol": "json", "version": 1})
        if await hub._message() != {}:
            raise ConnectionError("the hub refused the handshake")
        hub._pump = asyncio.create_task(hub._read())
        return hub

    async def call(self, method, *arguments):
        identity = str(len(self._calls) + 1)
        answer = asyncio.get_running_loop().create_future()
        self._calls[identity] = answer
        self._send({"type": 1, "invocationId": identity, "target": method, "arguments": arguments})
        return await answer

    def close(self):
        self._pump.cancel()
        self._writer.close()

    async def _read(self):
        while True:
            message = await self._message()
            if message.get("type") == 3:
                answer = self._calls[message["invocationId"]]
                if "error" in message:
                    answer.set_exception(RuntimeError(message["error"]))
                else:
                    answer.set_result(message.get("result"))

    async def _message(self):
        while END not in self._text:
            self._text += (await self._frame()).decode()
        message, self._text = self._text.split(END, 1)
        return json.loads(message)

    def _send(self, message):
        payload = (json.dumps(message) + END).encode()
        mask = os.urandom(4)
        size = len(payload)
        head = struct.pack("!BB", 0x81, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x81, 0xFE, size) if size < 65536 else struct.pack("!BBQ", 0x81, 0xFF, size)
        self._writer.write(head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload)))

    async def _frame(self):
        first, second = await self._reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        payload = await self._reader.readexactly(size)
        if first & 0x0F == 8:
            raise ConnectionError("the hub closed the connection")
        return payload
