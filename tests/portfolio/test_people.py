"""People: the owner's list of them, and how their names are found in a text."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from archive.errors import KeepfolioError
from bridge.portfolio import people
from bridge.portfolio.naming import Names
from bridge.portfolio.people import Person
from bridge.yamlfile import ConfigError

SAM = Names((("Sam Taylor",),), never=("Jane Example",))


def found(names: Names, text: str) -> list[str]:
    return [words for _, words in names.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "I asked Sam Taylor.",
        "sam taylor said so",
        "SAM TAYLOR",
        "Sam\nTaylor",
        "Sam\u00a0Taylor",
        "S\u00adam Tay\u200blor",
        "Sam Taylor’s workshop",
        "‘Sam Taylor’ was there",
        "Sam Q. Taylor",
        "S. Taylor",
        "Taylor, Sam (2024)",
        "with Taylor we planned it",
        "Then Taylor asked",
        "Dr Taylor asked",
        "I think Taylor’s way is better",
        "a Taylor-led workshop",
    ],
)
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    """Case, line breaks, possessives, invisible letters, initials and the family name alone hide nobody."""
    assert found(SAM, text)


@pytest.mark.parametrize(
    "text",
    [
        "the tailor and the taylor",
        "Samantha Taylorson",
        "Sam Taylor-Jones",
        "O'Taylor",
        "my colleague Alex Taylor",
        "A. Taylor",
        "Taylor & Francis",
        "listening to Taylor Swift",
        "Jane Example",
    ],
)
def test_what_only_looks_like_the_name_is_no_find(text: str) -> None:
    """Other people, longer names and ordinary words are left alone."""
    assert not found(SAM, text)


def test_accents_are_no_hiding_place() -> None:
    """José Müller is found as Jose Muller, and the other way round."""
    assert found(Names((("José Müller",),)), "with Jose Muller")
    assert found(Names((("Jose Muller",),)), "with José Müller")
    assert found(Names((("Lukasz Stelmach",),)), "with Łukasz Stelmach")


def test_a_family_name_that_two_people_have_finds_neither() -> None:
    """Nor does one that the owner has: it would name nobody in particular."""
    both = Names((("Sam Taylor",), ("Alex Taylor",)))
    assert not found(both, "with Taylor we planned it")
    assert not found(Names((("Sam Taylor",),), never=("Jane Taylor",)), "with Taylor we planned it")
    assert found(both, "with Alex Taylor") == ["Alex Taylor"]


def test_the_owners_own_name_is_no_find_even_where_it_holds_anothers() -> None:
    """Jane Sam Taylor may write her own name."""
    assert not found(Names((("Sam Taylor",),), never=("Jane Sam Taylor",)), "I, Jane Sam Taylor, declare")


def test_a_family_name_that_is_a_word_does_not_begin_a_sentence() -> None:
    """Mrs Page is found in a sentence, and "Page two follows." is not her."""
    names = Names((("Ann Page",),), words={"page"})
    assert not found(names, "It ended. Page two follows.")
    assert found(names, "It was with Page that I began.")


def test_other_forms_of_a_name_are_found() -> None:
    """A name of one word counts as it is written: Will is not "will"."""
    names = Names((("William Harper", "Will", "W. J. Harper"),))
    assert found(names, "I asked Will.") == ["Will"]
    assert found(names, "w. j. harper") == ["w. j. harper"]
    assert not found(names, "I will ask.")


def test_a_family_name_of_several_words() -> None:
    """Particles belong to it."""
    names = Names((("Ann van der Berg",),))
    assert found(names, "as van der Berg says")
    assert not found(names, "a Berg in winter")


def test_a_script_without_capitals_has_no_spaces_between_words() -> None:
    """A Chinese name is found amid other words."""
    assert found(Names((("李明",),)), "我和李明一起工作")


# --- the file -------------------------------------------------------------------------------------------------------


def test_a_file_by_hand_is_read(tmp_path: Path) -> None:
    """Plain words are enough; what is not said is empty."""
    path = tmp_path / "people.yaml"
    path.write_text(
        "people:\n  - name: Sam Taylor\n    permission: yes\n    date: 2027-03-01\n    acknowledge: true\n"
        "  - name: Lou\n    also: Louise\n"
    )
    assert people.read(path) == (
        Person("Sam Taylor", permission="yes", on=date(2027, 3, 1), acknowledge=True),
        Person("Lou", also=("Louise",)),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("    permision: yes", "did you mean permission"),
        ("    permission: maybe", "permission"),
        ("    date: soon", "date"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    """A permission that was mistyped never counts as one."""
    path = tmp_path / "people.yaml"
    path.write_text(f"people:\n  - name: Sam Taylor\n{line}\n")
    with pytest.raises(ConfigError, match=r"people\.yaml:3") as mistake:
        people.read(path)
    assert said in str(mistake.value)


def test_writing_somebody_down_leaves_every_other_line(tmp_path: Path) -> None:
    """Comments and other people stay as they were, in the middle of the list, too."""
    path = tmp_path / "people.yaml"
    before = (
        "# mine\npeople:\n  # from the library\n  - name: Ann Page    # Annie\n    role: librarian\n\n"
        "  # from the faculty\n  - name: Sam Taylor\n    permission: asked\n"
    )
    path.write_text(before)

    people.write_down(path, Person("Ann Page", role="librarian", permission="yes", on=date(2027, 3, 1)))
    people.write_down(path, Person("Lou Example", shown='"a student"'))

    text = path.read_text()
    assert [one.name for one in people.read(path)] == ["Ann Page", "Sam Taylor", "Lou Example"]
    assert people.read(path)[0].permission == "yes"
    assert people.read(path)[2].shown == '"a student"'
    for line in ("# mine", "  # from the library", "  # from the faculty", "    permission: asked"):
        assert line in text.splitlines()


def test_the_first_person_of_an_empty_list(tmp_path: Path) -> None:
    """A file that lists nobody yet, in any of the ways to say so, takes the first."""
    for number, text in enumerate(("", "people:\n", "people: []\n", "# nobody yet\npeople: []\n")):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text)
        people.write_down(path, Person("Lou Example"))
        assert people.read(path) == (Person("Lou Example"),)


def test_a_layout_of_the_owners_own_is_left_alone(tmp_path: Path) -> None:
    """What cannot be changed line by line is said, and not changed."""
    path = tmp_path / "people.yaml"
    path.write_text("people: [{name: Sam Taylor}]\n")
    with pytest.raises(KeepfolioError, match="line by line"):
        people.write_down(path, Person("Sam Taylor", permission="yes"))
    assert path.read_text() == "people: [{name: Sam Taylor}]\n"


# --- what a page calls them ------------------------------------------------------------------------------------------


def test_a_page_names_nobody_without_permission() -> None:
    """Without a yes somebody is a colleague, or what they agreed to be called."""
    listed = [
        Person("Sam Taylor", permission="yes", also=("Samantha Taylor",)),
        Person("Ann Page", permission="asked"),
        Person("Lou Example", shown="a student partner", permission="no"),
        Person("Diana Laurillard", permission="not-needed"),
    ]
    assert people.page_name("samantha taylor", listed) == "Sam Taylor"
    assert people.page_name("Ann Page", listed) == "a colleague"
    assert people.page_name("Lou Example", listed) == "a student partner"
    assert people.page_name("Diana Laurillard", listed) == "Diana Laurillard"
    assert people.page_name("Nobody Known", listed) == "a colleague"


def test_acknowledgements_hold_who_agreed_to_be_thanked_once() -> None:
    """Neither who was only asked, nor who is not to be thanked; and no name twice."""
    panel = people.acknowledgements(
        [
            Person("Sam <Taylor>", role="read two drafts", permission="yes", acknowledge=True),
            Person("Sam <Taylor>", permission="yes", acknowledge=True),
            Person("Ann Page", permission="asked", acknowledge=True),
            Person("Lou Example", permission="yes"),
        ]
    )
    assert panel is not None
    assert panel.html == "<ul><li>Sam &lt;Taylor&gt;: read two drafts</li></ul>"
    assert people.acknowledgements([Person("Ann Page", acknowledge=True)]) is None


def test_a_text_full_of_anothers_name_is_read_at_once() -> None:
    """For each find only what stands just before it is looked at, not all of the text."""
    assert not found(SAM, "Alex Taylor said. " * 60_000)
