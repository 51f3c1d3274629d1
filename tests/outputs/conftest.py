"""One folder for tests that only read it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.entry import Visibility
from bridge import building
from tests.outputs import samples


@pytest.fixture(scope="session")
def public(tmp_path_factory):
    """The public edition of the sample, built once."""
    folder, _ = samples.whole(tmp_path_factory.mktemp("whole") / "jane")
    return building.build(replace(folder.desk(), alone=True), Visibility.PUBLIC)[1]


@pytest.fixture
def document(public):
    return public.release.document


@pytest.fixture
def uploads(public):
    return {one.name: one for one in public.release.uploads}


@pytest.fixture
def path(public):
    """From an upload to its bytes on disk."""
    return lambda upload: public.files[upload.sha256]
