"""The owner's wish to stop: Ctrl-C and SIGTERM set a flag; what is being stored is finished first."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass
class Stop:
    """Call it to learn whether to stop; ``by`` is the signal's number, 0 for none."""

    by: int = 0

    def __call__(self) -> bool:
        return self.by != 0


@contextmanager
def stoppable() -> Iterator[Stop]:
    """
    Turn the first Ctrl-C or SIGTERM into a flag; a second Ctrl-C interrupts at once.

    Only the main thread of a program gets signals: elsewhere the flag stays down.
    """
    stop = Stop()
    before: dict[int, Any] = {}

    def wish(number: int, _frame: FrameType | None) -> None:
        if stop.by:
            raise KeyboardInterrupt
        stop.by = number

    try:
        for number in (int(signal.SIGINT), int(signal.SIGTERM)):
            before[number] = signal.signal(number, wish)
    except ValueError:  # not the main thread
        before.clear()
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
