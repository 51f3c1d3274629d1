"""Personal data: what is pointed out before a page goes live, and what is not."""

from __future__ import annotations

import pytest

from bridge.portfolio.personal import find


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to lou@example.org", "e-mail"),
        ("lou (at) example (dot) ac (dot) uk", "e-mail"),
        ("Call 020 7946 0958", "telephone"),
        ("Call (01632) 960001", "telephone"),
        ("Text 07700 900123", "telephone"),
        ("+44 1632 960001", "telephone"),
        ("+49 (0)711 123456", "telephone"),
        ("0044 20 7946 0958", "telephone"),
        ("(555) 234-4567", "telephone"),
        ("student ID: 12345678", "student"),
        ("Student number 1234567", "student"),
        ("u1234567 handed in late", "account"),
        ("AB 12 34 56 C", "insurance"),
        ("12 Mill Lane, Newcastle NE1 8ST", "home"),
        ("born on 3 May 1990", "birth"),
        ("DOB: 03/05/1990", "birth"),
    ],
)
def test_personal_data_is_found(text: str, kind: str) -> None:
    """Each of these would tell a stranger how to reach, or who is, somebody."""
    assert kind in " ".join(one.kind for one in find(text))


@pytest.mark.parametrize(
    "text",
    [
        "in 2019, 2020 and 2021",
        "2019 2020 2021 2022 2023",
        "on 2024-03-01 and 02.03.2024",
        "ISBN 978-0-19-852663-6",
        "ISBN 0-19-852663-6",
        "ORCID 0000-0002-1825-0097",
        "doi:10.1080/17439884.2019.1234567",
        "https://orcid.org/0000-0002-1825-0097",
        "01234567-89ab-4000-8000-000000000000",
        "the campus at NE1 8ST",
        "P1010001.JPG",
        "£31,000 and £24,500 a year",
        "In 2019 Northshire University At Newcastle NE1 8ST",
    ],
)
def test_ordinary_numbers_pass(text: str) -> None:
    """Dates, books, identifiers and money are nobody's."""
    assert list(find(text)) == []


def test_the_owners_own_address_is_told_apart() -> None:
    """She may well mean it; written for people, too."""
    [own, other] = find("Jane@Example.org, lou@example.org", ["jane@example.org"])
    assert (own.own, other.own) == (True, False)
    [hidden] = find("jane [at] example [dot] org", ["jane@example.org"])
    assert hidden.own


def test_a_password_in_an_address_is_found() -> None:
    """It opens to everybody what it was to keep; a user's name alone is none."""
    from bridge.portfolio import personal

    (found, *_) = personal.find("see https://jane:geheim@site.example.org/x")
    assert (found.kind, found.text) == ("a password in an address", "https://jane:geheim@")
    assert not list(personal.find("see https://site.example.org:8080/@jane/x"))
