"""A configuration is right, or all that is wrong with it is told at once."""

from __future__ import annotations

import re
from datetime import date
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from bridge import registry
from bridge.config import Config, ConfigError, load, parse, schema

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parse(text, "config.yaml", Path("/w"))
    return [str(p) for p in raised.value.problems]


@pytest.mark.parametrize("text", ["{}", "", "# nothing yet\n", "sources:\ntargets:\nportfolio:\nschedule:\n"])
def test_nothing_is_needed(text):
    """A file with nothing in it, or with empty headings, is a good configuration."""
    config = parse(text, "config.yaml", Path("/w"))

    assert (config.sources, config.portfolio.framework, config.schedule.harvest) == ({}, "cmalt", None)


def test_five_mistakes_are_five_lines():
    """Every mistake is told in one go, with line, column and the nearest valid key."""
    text = """\
ownr: Jane
sources:
  blog:
    type: wordpress
    tagz: [a]
    author: me
targets:
  site: {type: wordpress, url: "https://b.example", user: jane, stat: draft}
timezone: Europe/Londn
schedule: {harvest: {daily: 25:00}}
"""

    known = "closes, type, url, user, author, insecure, password_command"
    assert mistakes(text) == [
        'config.yaml:1:1: ownr: unknown key; did you mean "owner"?',
        "config.yaml:3:3: sources.blog.url: is missing",
        f"config.yaml:5:5: sources.blog.tagz: unknown key; known keys: {known}",
        'config.yaml:8:65: targets.site.stat: unknown key; did you mean "status"?',
        'config.yaml:9:1: timezone: "Europe/Londn" is not a time zone; write one such as Europe/London',
        'config.yaml:10:22: schedule.harvest.daily: "25:00" is not a time of day; write one such as 03:30',
    ]


def test_the_error_is_one_of_usage(tmp_path):
    """It ends the program with code 2, and its message holds each line."""
    (tmp_path / "config.yaml").write_text("a: 1\nb: 2")

    with pytest.raises(ConfigError) as raised:
        load(tmp_path / "config.yaml")

    assert raised.value.exit_code == 2
    assert raised.value.message.count("\n") == 1
    assert raised.value.unchanged


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "sources: {a: {type: word}}",
            '"word" is not yet in this version; known types: blackboard, blackboard-export, ',
        ),
        ("sources: {a: {type: blackboard, url: 'https://b.example'}}", "sources.a.user: is missing"),
        (
            "sources: {a: {type: moodle, url: 'https://m.example', password_command: pass}}",
            "needs your user name there",
        ),
        ("sources: {a: {type: moodle, url: 'https://m.example', token: x}}", "no secret stands in this file"),
        ("emails: [jane@a.example, jane]", 'emails[2]: "jane" is no e-mail address; write one in each'),
        ("sources: {a: {type: mahara, url: 'https://m.example'}}", "write your user name there as `user`; or"),
        ("sources: {a: {type: mahara-export, path: e, url: m.example}}", "write the whole address"),
        ("sources: {a: {type: blogger}}", '"blogger" is not a type of source; known types:'),
        ("targets: {a: {type: ftp}}", '"ftp" is not a type of target; known types: static, wordpress'),
        ("sources: {a: {url: x}}", "sources.a: say with `type` what it is"),
        ("sources: {a: {type: [feed]}}", "is not a type of source; known types:"),
        ("sources: {a: b}", "sources.a: "),
        ("sources: [a]", "should have keys of its own"),
        ("sources: {My Blog: {type: feed, url: 'https://a.example'}}", "small letters, digits and hyphens"),
        ("sources: {messages: {type: feed, url: 'https://a.example'}}", "`messages` is taken"),
        ("sources: {a: {type: feed, url: a.example}}", "write the whole address"),
        ("sources: {a: {type: feed, url: 'ftp://a.example'}}", "write the whole address"),
        ("sources: {a: {type: feed, url: 'https://jane:pw@a.example'}}", "no user name or password"),
        ("sources: {a: {type: feed, url: 'https://a.example:port'}}", "not an address"),
        ("sources: {a: {type: feed, url: 'https://a.example', closes: 2027}}", "a whole date"),
        ("sources: {a: {type: feed, url: 'https://a.example', closes: 31.7.2027}}", "year-month-day"),
        ("roles: [{title: a, from: 2021-09-01, start: 2021-09-01}]", "roles[1].start: unknown key"),
        ("roles: [{title: a, from: 2021-09-01, to: 2020-01-01}]", "`to` is before `from`"),
        ("portfolio: {prose: nowhere}", "choose 'files' or 'site'"),
        ("portfolio: {tags: {1a: {x: y}}}", "portfolio.tags.1a: should be a list"),
        ("schedule: {harvest: {weekly: 'monday 03:30'}}", "a day and a time"),
        ("schedule: {harvest: {monthly: '31 03:30'}}", "a day from 1 to 28, or last"),
        ("schedule: {harvest: {daily: '03:30', weekly: 'mon 03:30'}}", "say one of"),
        ("schedule: {harvest: {}}", "say one of"),
        ("schedule: {publish: {daily: '03:30', targets: [site]}}", 'no target called "site"; there are none'),
        ("schedule: {publish: {daily: '03:30', unattended: always}}", "choose 'off', 'mend-links'"),
        ("messages: {email: nobody}", "right form"),
        ("messages: {smtp: {host: a}}", "no `email`"),
        ("messages: {email: a@b.example, smtp: {host: a, port: 70000}}", "65535"),
        ("targets: {a: {type: wordpress, url: 'https://a.example', user: j, edition: private}}", "choose 'public'"),
        ("targets: {a: {type: wordpress, url: 'https://a.example', user: j, page: 'My page'}}", "right form"),
        ("sources: {a: {type: wordpress, url: 'https://a.example', author: jane}}", "choose 'me' or 'all'"),
        ("user_agent: café", "right form"),
        ("messages: {desktop: perhaps}", "true or false"),
        ("language: British", "right form"),
        ("- a", "should hold keys"),
    ],
)
def test_each_mistake_in_words(text, said):
    """Whatever is wrong is told in words that say what to write."""
    assert said in "\n".join(mistakes(text))


@pytest.mark.parametrize("key", ["password", "token", "App-Password", "secret", "api_key"])
def test_a_secret_in_the_file_is_refused(key):
    """A password in the configuration is refused with the command that stores it, and is not repeated."""
    told = mistakes(f"sources:\n  blog:\n    type: feed\n    url: https://a.example\n    {key}: hunter2\n")

    advice = "no secret stands in this file; take the line out and run: keepfolio login blog"
    assert told == [f"config.yaml:5:5: sources.blog.{key}: {advice}"]


def test_a_name_is_used_once():
    """Commands take one name: a source and a target cannot share it."""
    text = "sources: {a: {type: feed, url: 'https://a.example'}}\ntargets: {a: {type: static, path: x}}"

    assert mistakes(text) == ['config.yaml:2:11: targets.a: there is a source called "a" already; names are used once']


def test_paths_start_from_the_file(tmp_path):
    """Relative paths are the workspace's, absolute ones stay."""
    (tmp_path / "config.yaml").write_text(
        "sources: {a: {type: wordpress-export, path: in/a.xml, media: /elsewhere}}\n"
        "targets: {p: {type: static, path: build/site}}"
    )

    config = load(tmp_path / "config.yaml")

    assert config.sources["a"].path == tmp_path / "in/a.xml"
    assert config.sources["a"].media == Path("/elsewhere")
    assert config.targets["p"].path == tmp_path / "build/site"


@pytest.mark.parametrize("written", ["mine.yaml", "frameworks/mine", "mine.yml", "/elsewhere/mine.yaml"])
def test_a_framework_of_one_s_own_starts_from_the_file(tmp_path, monkeypatch, written):
    """It is the same file wherever the command runs; a name of a framework stays a name."""
    monkeypatch.chdir("/")
    (tmp_path / "config.yaml").write_text(f"portfolio: {{framework: {written}}}")

    assert load(tmp_path / "config.yaml").portfolio.framework == str(tmp_path / written)
    assert parse("portfolio: {framework: psf-2023}", "config.yaml", tmp_path).portfolio.framework == "psf-2023"


def test_values_keep_their_meaning():
    """Tags that look like numbers, dates, and off are what was written."""
    config = parse(
        "portfolio: {tags: {1a: 2024, 1b: [1.10, no]}}\n"
        "targets: {p: {type: static, path: x}}\n"
        "schedule: {publish: {monthly: last 04:00, unattended: off, targets: p}}\n"
        "roles: [{title: Lecturer, from: 2021-09-01, to: null}]",
        "config.yaml",
        Path("/w"),
    )

    assert config.portfolio.tags == {"1a": ("2024",), "1b": ("1.10", "no")}
    assert config.schedule.publish.unattended == "off"
    assert config.schedule.publish.targets == ("p",)
    assert (config.roles[0].start, config.roles[0].end) == (date(2021, 9, 1), None)


def test_a_configuration_does_not_change():
    """What was loaded is fixed."""
    with pytest.raises(ValueError, match="frozen"):
        Config().owner = "x"


def test_a_file_that_is_not_text_is_told(tmp_path):
    """An odd encoding or a folder in the file's place is a clear error."""
    (tmp_path / "latin.yaml").write_bytes("owner: José".encode("latin-1"))

    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "latin.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_an_extension_brings_its_own_type(monkeypatch):
    """A type that an installed extension names is accepted with whatever keys it has."""
    point = EntryPoint("source.diary", "diary:source", "keepfolio.connectors")
    monkeypatch.setattr(registry, "entry_points", lambda group, name: [point] if name == point.name else [])

    config = parse("sources: {d: {type: diary, colour: red}}", "config.yaml", Path("/w"))

    assert config.sources["d"].model_dump() == {"type": "diary", "colour": "red", "closes": None}


# --- the example ----------------------------------------------------------------------------------------------------


def example_with_all() -> str:
    """The example with every switched-off key switched on."""
    return re.sub(r"(?m)^( *)#(?=\w+:)", r"\1", EXAMPLE.read_text("utf-8"))


def test_the_example_loads():
    """The example file is a good configuration as it stands."""
    assert load(EXAMPLE).sources["blog"].user == "jane"


def test_the_example_loads_with_every_key_switched_on():
    """Taking any `#` away from a key leaves a good configuration."""
    assert parse(example_with_all(), "config.example.yaml", Path("/w")).messages.ping


def test_the_example_has_every_key():
    """Each key of the schema stands in the example."""
    keys = {key for part in (schema(), *schema()["$defs"].values()) for key in part.get("properties", {})}
    written = set(re.findall(r"(?m)^[ -]*(\w+):", example_with_all()))

    assert not keys - written


def test_every_switched_off_key_is_explained():
    """Each optional key has an explanation above it where it first stands."""
    lines = EXAMPLE.read_text("utf-8").splitlines()
    first = {}
    for n, line in enumerate(lines):
        if found := re.match(r" *#(\w+):", line):
            first.setdefault(found[1], lines[n - 1])

    assert len(first) >= 8
    assert [key for key, above in first.items() if not re.match(r" *# ", above)] == []


def test_the_schema_is_json_schema():
    """Editors get a schema that names the descriptions and the aliases of the file."""
    parts = schema()["$defs"]

    assert "from" in parts["Role"]["properties"]
    assert parts["WordPressSource"]["properties"]["url"]["description"]


def test_a_key_written_twice_hides_no_other_mistake():
    """All mistakes are told at once, in the order of the file."""
    with pytest.raises(ConfigError) as raised:
        parse("owner: A\nowner: B\nlanguag: en\nmessages: {desktop: often}\n", "config.yaml", Path())

    said = [(p.line, p.message) for p in raised.value.problems]
    assert [line for line, _ in said] == [2, 3, 4]
    assert "already on line 1" in said[0][1]
    assert said[2][1].endswith("write true or false")


def test_each_form_that_is_asked_for_has_an_example():
    """Whatever key has a pattern, its mistake says with an example what is wanted."""
    from bridge.config_mistakes import FORMS

    def keys(part):
        for name, value in part.items() if isinstance(part, dict) else ():
            if isinstance(value, dict) and "pattern" in value:
                yield name
            yield from keys(value)

    assert set(keys(schema())) == set(FORMS)
