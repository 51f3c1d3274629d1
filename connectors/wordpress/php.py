"""
Read what PHP's ``serialize`` wrote, as WordPress keeps it in custom fields: numbers, texts, arrays; never objects.

A strict reader of its own, because a value from a site must run nothing and must not be half understood.
Format: https://www.php.net/manual/en/function.serialize.php (lengths are bytes, not characters).
"""

from __future__ import annotations

from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | dict[str, Value] | None"

_MAX_DEPTH = 32


class NotSerialisedError(ValueError):
    """The text is not a serialised value of the kinds that are read."""


def read(text: str) -> Value:
    """
    Return the value; an array becomes a ``dict`` with the keys as text, in its order.

    Raises:
        NotSerialisedError: It is something else, is cut, or holds an object or a reference.
    """
    reader = _Reader(text.encode("utf-8", "surrogatepass"))
    value = reader.value(0)
    if reader.at != len(reader.data):
        raise NotSerialisedError(f"more after the value, at byte {reader.at}")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def value(self, depth: int) -> Value:
        if depth > _MAX_DEPTH:
            raise NotSerialisedError("nested too deeply")
        kind = self.take(2)
        if kind == b"N;":
            return None
        if kind == b"s:":
            return self.text()
        if kind == b"a:":
            return self.array(depth)
        try:
            if kind == b"b:":
                return bool(int(self.until(b";")))
            if kind == b"i:":
                return int(self.until(b";"))
            if kind == b"d:":
                return float(self.until(b";"))
        except ValueError as error:
            raise NotSerialisedError(str(error)) from error
        raise NotSerialisedError(f"{kind!r} at byte {self.at - 2}")

    def text(self) -> str:
        length = self.length()
        self.expect(b'"')
        data = self.take(length)
        self.expect(b'";')
        return data.decode("utf-8", "replace")

    def array(self, depth: int) -> dict[str, Value]:
        length = self.length()
        self.expect(b"{")
        found: dict[str, Value] = {}
        for _ in range(length):
            key = self.value(depth + 1)
            if not isinstance(key, (int, str)):
                raise NotSerialisedError(f"an array's key at byte {self.at}")
            found[str(key)] = self.value(depth + 1)
        self.expect(b"}")
        return found

    def length(self) -> int:
        digits = self.until(b":")
        if not digits.isdigit() or len(digits) > 12:
            raise NotSerialisedError(f"a length at byte {self.at}")
        return int(digits)

    def until(self, end: bytes) -> bytes:
        stop = self.data.find(end, self.at)
        if stop < 0:
            raise NotSerialisedError("cut short")
        found = self.data[self.at : stop]
        self.at = stop + len(end)
        return found

    def take(self, length: int) -> bytes:
        found = self.data[self.at : self.at + length]
        if len(found) != length:
            raise NotSerialisedError("cut short")
        self.at += length
        return found

    def expect(self, wanted: bytes) -> None:
        if self.take(len(wanted)) != wanted:
            raise NotSerialisedError(f"no {wanted!r} at byte {self.at}")
