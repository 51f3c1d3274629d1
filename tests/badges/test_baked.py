"""What is baked into pictures is found, and nothing that a picture does harms."""

from __future__ import annotations

import contextlib
import io
import json
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.badges.baked import MAX_BAKED, MAX_SVG, UnreadableError, baked_in
from tests.badges.baking import REAL, png, real_text, svg


def found(data: bytes) -> str | None:
    baked = baked_in(io.BytesIO(data))
    return baked.text if baked else None


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunk_last(picture: bytes, extra: bytes) -> bytes:
    at = picture.rindex(b"IEND") - 4
    return picture[:at] + extra + picture[at:]


def test_moodles_badge_holds_its_whole_assertion():
    """The picture that a real Moodle gives out."""
    text = found(REAL.read_bytes())
    assert text
    assert json.loads(text)["badge"]["name"] == "Digital Practice Champion"


@pytest.mark.parametrize("kind", ["iTXt", "tEXt", "zTXt"])
def test_each_text_chunk_is_read(kind: str):
    """Bakers use all three, and put UTF-8 into those that are Latin-1."""
    assert found(png('{"name": "Cyfarwyddwr ŵ"}', chunk=kind)) == '{"name": "Cyfarwyddwr ŵ"}'


def test_a_packed_text_is_unpacked():
    """ITXt may be compressed."""
    assert found(png(real_text(), packed=True)) == real_text()


def test_a_text_behind_the_pixels_is_found():
    """Some bakers put it at the end of the file."""
    late = with_chunk_last(png(), chunk(b"tEXt", b"openbadges\0https://b.example/1"))
    assert found(late) == "https://b.example/1"


def test_a_credential_of_3_0_is_told_apart():
    """Another keyword, another standard."""
    baked = baked_in(io.BytesIO(png("{}", keyword="openbadgecredential")))
    assert baked
    assert baked.standard == "openbadgecredential"


def test_svg_text_and_verify():
    """The assertion stands in the element; else its address does in the attribute."""
    assert found(svg('{"id": 1}', "https://b.example/1")) == '{"id": 1}'
    assert found(svg("", "https://b.example/1")) == "https://b.example/1"


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", png(), svg(), b"<html><svg></html>", b"\xff\xd8\xff\xe0 jpeg", b"<svg" + b" " * MAX_SVG]
)
def test_a_picture_without_an_assertion_has_none(data: bytes):
    """None, and no error: most pictures are no badges."""
    assert found(data) is None


def test_a_text_bomb_is_refused():
    """A packed text that unpacks to a thousand times its size."""
    with pytest.raises(UnreadableError):
        found(png("a" * 64 * 2**20, packed=True))


def test_a_text_larger_than_any_badge_is_refused():
    """Also when it is not packed."""
    with pytest.raises(UnreadableError, match="no badge has"):
        found(png("a" * (MAX_BAKED + 1)))


def test_a_picture_of_billions_of_pixels_is_not_decoded():
    """Only chunks are read: a picture that claims 2^31 pixels a side costs nothing."""
    data = png("https://b.example/1")
    at = data.index(b"IHDR") + 4
    header = struct.pack(">II", 2**31 - 1, 2**31 - 1) + data[at + 8 : at + 13]
    huge = data[: at - 8] + chunk(b"IHDR", header) + data[at + 17 :]
    assert found(huge) == "https://b.example/1"


def test_a_broken_picture_keeps_what_stood_before_the_break():
    """The pixels are not what counts."""
    assert found(png(real_text())[:-20]) == real_text()


def test_a_text_cut_in_the_middle_is_damage():
    """Half an assertion is none."""
    with pytest.raises(UnreadableError):
        found(REAL.read_bytes()[:-2000])  # Moodle bakes behind the pixels


def test_a_flipped_bit_is_damage():
    """A text whose checksum is wrong is not read as a claim."""
    data = bytearray(png("https://b.example/1"))
    data[data.index(b"b.example")] ^= 1
    with pytest.raises(UnreadableError):
        found(bytes(data))


def test_entities_of_an_svg_are_not_expanded():
    """Neither bombs nor files of this computer get into an assertion."""
    head = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y "yyyy">]>'
    text = svg("PLACE", head=head).replace(b"<![CDATA[PLACE]]>", b"{&x;&y;}")
    assert "yyyy" not in (found(text) or "")
    assert (found(text) or "") in {"{}", "{&x;&y;}"}


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_no_bytes_break_the_reader(junk: bytes, at: int):
    """Any damage: an answer, or the one error."""
    data = png("https://b.example/1")
    with contextlib.suppress(UnreadableError):
        baked_in(io.BytesIO(data[:at] + junk + data[at:]))
