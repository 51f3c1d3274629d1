"""What was built and published outlives the laptop: it is in the archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.care.fixity import verify
from archive.entry import Entry
from archive.errors import UsageError
from archive.store import Archive
from archive.values import Origin
from bridge import releases
from connectors.contract import Receipt
from tests.publish.samples import BYTES, PICTURE, release

NOON = datetime(2026, 3, 1, 12, 0, 4, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path):
    with Archive.create(tmp_path / "archive", tmp_path / "index") as made:
        yield made


@pytest.fixture
def built(tmp_path) -> dict[str, Path]:
    """The build folder's files, by digest."""
    folder = tmp_path / "build"
    folder.mkdir()
    for digest, data in BYTES.items():
        (folder / digest).write_bytes(data)
    return {digest: folder / digest for digest in BYTES}


def receipt(name="page", returned="b" * 64, url="https://b.example.org/p/", **more) -> Receipt:
    return Receipt(name, "page", "7", url, "a" * 64, returned, "3", more)


def test_a_release_comes_back_as_it_was(archive, built):
    """Text, uploads and bytes are equal after the build folder is gone."""
    releases.seal_release(archive, release(), built)
    for path in built.values():
        path.unlink()
    assert releases.load_release(archive, release().id) == release()
    assert releases.load_release(archive, release().id[:10]) == release()
    with releases.reader(archive, {})(PICTURE.sha256) as stream:
        assert stream.read() == BYTES[PICTURE.sha256]
    assert verify(archive, "deep").ok


def test_a_release_is_sealed_once(archive, built):
    """Publishing the same again adds nothing to the archive."""
    releases.seal_release(archive, release(), built)
    head = archive.head
    releases.seal_release(archive, release(), built)
    assert archive.head == head


def test_a_release_that_is_not_held_is_named(archive, built):
    """Neither nothing nor everything is a release's name."""
    releases.seal_release(archive, release(), built)
    releases.seal_release(archive, release("Other."), built)
    for wanted in ("0" * 64, ""):
        with pytest.raises(UsageError):
            releases.load_release(archive, wanted)


def test_a_harvested_page_of_ours_is_no_record_of_ours(archive, built):
    """Harvest keeps what keepfolio published as kind release too: nothing to roll back to."""
    releases.seal_release(archive, release(), built)
    number = release().id[0]
    page = Entry(keys=("guid:https://b.org/?page_id=1",), kind="release", native_id=number, content_html="<p>x</p>")
    with archive.append(Origin(name="blog", type="wordpress")) as writer:
        writer.put(page, b"{}", "json")
        writer.seal()
    assert releases.load_release(archive, number) == release()


def test_receipts_are_what_is_agreed_now(archive):
    """The newest receipt of each thing counts; what was withdrawn is gone; targets are apart."""
    for number, made in enumerate([receipt(), receipt("kf-1-a.png"), receipt(returned="c" * 64, title="T")]):
        releases.seal_receipt(archive, "site", made, release="1" * 64, at=NOON + timedelta(minutes=number))
    releases.seal_receipt(archive, "other", receipt(returned="d" * 64), release="1" * 64, at=NOON)
    releases.seal_receipt(archive, "site", receipt("kf-1-a.png", returned="", url=""), release="", at=NOON)
    assert releases.receipts(archive, "site") == {"page": receipt(returned="c" * 64, title="T")}
    assert releases.receipts(archive, "other") == {"page": receipt(returned="d" * 64)}


def test_history_tells_each_publication(archive):
    """Every receipt ever sealed, oldest first, with its release and time."""
    for number, made in enumerate([receipt(), receipt(returned="c" * 64), receipt()]):
        releases.seal_receipt(archive, "site", made, release=str(number) * 64, at=NOON + timedelta(days=number))
    told = releases.history(archive, "site")
    assert [(done.release[0], done.at - NOON, done.receipt.returned[0]) for done in told] == [
        ("0", timedelta(0), "b"),
        ("1", timedelta(days=1), "c"),
        ("2", timedelta(days=2), "b"),
    ]


def test_addresses_that_another_target_shows_are_known(archive):
    """Withdrawing from one target must not break another."""
    releases.seal_receipt(archive, "site", receipt(), release="1" * 64, at=NOON)
    releases.seal_receipt(archive, "other", receipt(url="https://b.example.org/q/"), release="1" * 64, at=NOON)
    assert releases.addresses_elsewhere(archive, ("site", "other"), "site") == {"https://b.example.org/q/"}


def test_bytes_come_from_the_build_until_they_are_sealed(archive, built):
    """A draft is shown before anything is sealed."""
    with releases.reader(archive, built)(PICTURE.sha256) as stream:
        assert stream.read() == BYTES[PICTURE.sha256]


def test_the_receipts_of_a_run_are_sealed_together_with_the_page(archive):
    """Files wait for their page; what comes after it, and what a failure leaves, is sealed at the end."""
    before = archive.summary().segments

    def a_run_that_breaks():
        with releases.recording(archive, "site", release="1" * 64, now=lambda: NOON) as sealed:
            sealed(replace(receipt("kf-1-a.png"), kind="file"))
            sealed(replace(receipt("kf-2-b.png"), kind="file"))
            assert archive.summary().segments == before
            sealed(receipt())
            assert archive.summary().segments == before + 1
            sealed(replace(receipt("kf-0-old.png", returned="", url=""), kind="file"))
            sealed(replace(receipt("kf-3-c.png"), kind="file"))
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        a_run_that_breaks()
    assert set(releases.receipts(archive, "site")) == {"page", "kf-1-a.png", "kf-2-b.png", "kf-3-c.png"}
    assert archive.summary().segments == before + 2
