"""An account on the fake Mahara, and what the program holds of it between runs."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.contract import Checkpoint, Context, Waiting, Yield
from connectors.http import Http
from connectors.mahara.site import Mahara
from tests.contract.shelf import Report, Shelf
from tests.mahara.fake import FakeMahara
from tests.mahara.place import ALL, FIXTURES

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class Account:
    """One source named ``sam``: each ``harvest`` is a run of its own, with a clock that ``later`` moves."""

    def __init__(self, tmp_path: Path) -> None:
        self.mahara = FakeMahara(FIXTURES / ALL)
        self.options: dict[str, Any] = {"url": self.mahara.url, "user": self.mahara.user}
        self.secret = self.mahara.password
        self.shelf = Shelf()
        self.later = timedelta()
        self.shown: list[Yield] = []
        self._spool = tmp_path
        self._sources: list[Mahara] = []

    def source(self, stop: Callable[[], bool] = lambda: False) -> Mahara:
        given = Context(
            http=Http(user_agent="keepfolio/test", attempts=2, backoff=0.001),
            secret=lambda _: self.secret,
            spool=self._spool,
            now=lambda: datetime.now(UTC) + self.later,
            stop=stop,
        )
        self._sources.append(Mahara("sam", self.options, given, pause=0.02, inbox_pause=0.0))
        return self._sources[-1]

    def harvest(self) -> Report:
        """Harvest; what was shown stays in ``shown``, the cursor on the shelf, also after an error."""
        source, self.shown = self.source(), []
        return self.shelf.harvest(_Watched(source, self.shown, self.shelf))  # type: ignore[arg-type]

    @property
    def waited(self) -> list[Waiting]:
        return [one for one in self.shown if isinstance(one, Waiting)]

    def logins(self) -> int:
        return len(self.mahara.forms.get("", []))

    def without(self, tmp_path: Path, *numbers: str) -> None:
        """Let the next export lack some files that it names."""
        thinner = tmp_path / "thinner.zip"
        with zipfile.ZipFile(self.mahara.archive) as whole, zipfile.ZipFile(thinner, "w") as out:
            for info in whole.infolist():
                if not info.filename.rpartition("/")[2].startswith(tuple(f"{number}-" for number in numbers)):
                    out.writestr(info, whole.read(info))
        self.mahara.archive = thinner

    def close(self) -> None:
        for source in self._sources:
            source.close()
        self.mahara.close()


class _Watched:
    """A source whose checkpoints are kept at once, as the archive does it, whatever comes after."""

    def __init__(self, source: Mahara, shown: list[Yield], shelf: Shelf) -> None:
        self._source, self._shown, self._shelf = source, shown, shelf
        self.exists, self.open = source.exists, source.open

    def harvest(self, known: Shelf):
        for one in self._source.harvest(known):
            self._shown.append(one)
            yield one
            if isinstance(one, Checkpoint):
                self._shelf.cursor = dict(one.cursor)
