"""Gaps and gates: each weakness is found, named by its title, and has its mend."""

from dataclasses import replace
from pathlib import Path

import pytest

from archive.entry import MediaFile, Visibility
from bridge.portfolio import framework, writing
from bridge.portfolio.crosswalk import proposed
from bridge.portfolio.gaps import gaps
from bridge.portfolio.gates import gates
from bridge.portfolio.mapping import connect
from bridge.portfolio.narrative import Cited, Narrative, Passage
from bridge.portfolio.schema import Moved
from tests.portfolio.samples import AS_OF, CMALT, assembled, item


def written(section, *, description="I did it. ", reflection="I learned. ", times=1, evidence=(), **fields):
    """Return a narrative with so many repetitions of each sentence."""
    passages = (
        Passage("description", "Description", description * times),
        Passage("evidence", "Evidence", ""),
        Passage("reflection", "Reflection", reflection),
    )
    known = {"passages": passages, "ready": True, "visibility": Visibility.PUBLIC, "path": Path(f"{section}.md")}
    return Narrative(section, evidence=tuple(evidence), **{**known, **fields})


def found(entries=(), narratives=(), *, pathway="cmalt", suggest=None, marks=None, edition=Visibility.PUBLIC):
    """Return the gaps as ``{code: [findings]}``."""
    by_section = {n.section: n for n in narratives}
    connections = connect(entries, CMALT, pathway, {}, suggest or {}, by_section)
    draft = assembled(
        list(entries), by_section, Visibility.PRIVATE, marks=marks, pathway=pathway, connections=connections
    )
    answer = {}
    for finding in gaps(
        framework=CMALT,
        pathway=pathway,
        narratives=by_section,
        connections=connections,
        entries={held.id: held for held in entries},
        marks=marks or {},
        draft=draft,
        edition=edition,
        as_of=AS_OF,
    ):
        answer.setdefault(finding.code, []).append(finding)
    return answer


def sections(findings):
    return {finding.section for finding in findings}


def test_every_required_section_without_a_file_is_missing():
    """An empty folder lacks each section that the pathway asks for."""
    assert sections(found()["no-file"]) == {s.id for s in CMALT.flat("cmalt") if not s.gathers}


def test_a_file_without_words_and_a_part_without_words():
    """An untouched file has no words; a half-written one lacks a part, by its name."""
    answer = found(narratives=[written("1a", reflection=""), written("1b", description="", reflection="")])

    assert next(f.message for f in answer["part-missing"] if f.section == "1a").endswith("has no reflection yet.")
    assert sections(answer["not-written"]) == {"1b"}
    assert {f.severity for f in answer["part-missing"]} == {"error"}


def test_a_section_without_evidence_names_what_your_tags_suggest():
    """Suggestions stand in the mend, by title, with the command that cites them."""
    answer = found([item(1, "On captions", tags=("gdpr",))], [written("3a")], suggest={"3a": ["gdpr"]})

    (finding,) = [f for f in answer["no-evidence"] if f.section == "3a"]

    assert "“On captions”" in finding.mend
    assert "keepfolio cite 3a" in finding.mend


def test_what_is_private_is_suggested_last_and_named_as_such():
    """Its citation alone would show nothing on the public page; on the owner's own draft it is as good as others."""
    held = [
        item(1, "Free-text comments", tags=("gdpr",), visibility=Visibility.PRIVATE),
        item(2, "On captions", tags=("gdpr",)),
    ]

    (public,) = [f for f in found(held, [written("3a")], suggest={"3a": ["gdpr"]})["no-evidence"] if f.section == "3a"]
    mine = found(held, [written("3a")], suggest={"3a": ["gdpr"]}, edition=Visibility.PRIVATE)["no-evidence"]
    (private,) = [f for f in mine if f.section == "3a"]

    assert "“On captions”, “Free-text comments” (private)." in public.mend
    assert 'cite 3a "On captions"' in public.mend
    assert "“Free-text comments”, “On captions”." in private.mend


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (item(1, "Post", deleted=True), "evidence-gone"),
        (item(1, "Post", status="trash"), "evidence-binned"),
        (item(1, "Post", visibility=Visibility.PRIVATE), "evidence-private"),
        (item(1, "Post", published=AS_OF.replace(year=2027)), "evidence-later"),
        (item(1, "Post", author="others"), "evidence-never"),
        (item(1, "Post", kind="comment"), "evidence-never"),
    ],
)
def test_cited_evidence_that_cannot_be_shown(held, code):
    """What was cited and can't be shown is named by its title, and doesn't count as evidence."""
    answer = found([held], [written("1a", evidence=[Cited(held.id)])])

    assert "“Post”" in answer[code][0].message
    assert "1a" in sections(answer["no-evidence"])


def test_a_section_of_private_evidence_is_told_once():
    """Of a Mahara everything is private: one finding says how many, and none says that nothing is cited."""
    held = [item(number, visibility=Visibility.PRIVATE) for number in range(1, 10)]
    answer = found(held, [written("1a", evidence=[Cited(one.id) for one in held])])

    (private,) = answer["evidence-private"]
    (none,) = (f for f in answer["no-evidence"] if f.section == "1a")
    assert "9 pieces of evidence that are private" in private.message
    assert "keepfolio mark ITEM public" in private.mend
    assert none.message == "1a cites nothing that the public page may show."


def test_others_words_are_never_told_to_be_opened():
    """What no page can show is to be taken out, by its id, for many comments have one title."""
    held = item(1, "Comment", kind="comment", visibility=Visibility.PRIVATE)
    (finding,) = found([held], [written("1a", evidence=[Cited(held.id)])])["evidence-never"]

    assert finding.mend == f'Take it out: keepfolio cite 1a "{held.id}" --remove'


def test_a_page_that_shows_what_was_closed_by_name():
    """It is on no such page, and the finding names what keeps it back."""
    site = {"visibility": Visibility.PRIVATE, "content_html": "<p>We moved forty courses in a week.</p>"}
    inner = item(1, "Sprint 4", keys=("mahara:m.example/artefact1",), **site)
    page = item(2, "My page", keys=("mahara:m.example/view2",), **site)
    marks = {page.id: Visibility.PUBLIC, inner.id: Visibility.PRIVATE}

    (finding,) = found([inner, page], [written("1a", evidence=[Cited(page.id)])], marks=marks)["evidence-shows-private"]

    assert "“My page”, which shows “Sprint 4”" in finding.message


def test_cited_evidence_that_is_not_held():
    """A cited id that the archive does not hold is a finding."""
    assert sections(found(narratives=[written("1a", evidence=[Cited("urn:uuid:none")])])["evidence-unknown"]) == {"1a"}


def test_private_evidence_is_enough_for_the_private_edition():
    """Seen from the owner's own edition nothing is private."""
    held = item(1, visibility=Visibility.PRIVATE)

    assert "evidence-private" not in found(
        [held], [written("1a", evidence=[Cited(held.id)])], edition=Visibility.PRIVATE
    )


def test_more_than_eight_pieces_warn():
    """Nine pieces of evidence in one section are too many, eight are not."""
    assert "much-evidence" in found([item(n, tags=("cmalt-1a",)) for n in range(1, 10)])
    assert "much-evidence" not in found([item(n, tags=("cmalt-1a",)) for n in range(1, 9)])


def test_the_same_evidence_again_and_again_warns():
    """An item in four sections is reported once, with its title."""
    held = item(1, "My one post", tags=("cmalt-1a", "cmalt-1b", "cmalt-1c", "cmalt-2a"))

    (finding,) = found([held])["evidence-reused"]

    assert "“My one post” is cited in 4 sections" in finding.message


def test_thin_reflection_warns():
    """Reflection under a fifth of a section is thin; a balanced section is not reported."""
    answer = found(narratives=[written("1a", times=60), written("1b", times=60, reflection="I learned it. " * 60)])

    assert sections(answer["thin-reflection"]) == {"1a"}


def test_guidance_on_length_warns_and_never_blocks():
    """Future Plans over 500 words warns."""
    plans = Narrative("future-plans", passages=(Passage("", "", "word " * 570),), path=Path("f.md"))

    (finding,) = found(narratives=[plans])["long"]

    assert finding.severity == "warning"
    assert "570 words" in finding.message


def test_a_long_text_without_a_picture_warns():
    """More than 800 words without a figure are text-heavy; one figure settles it."""
    file = MediaFile(name="a.png", url="", media_type="image/png", sha256="a" * 64)
    picture = item(1, kind="media", files=(file,))
    long = written("1a", times=300)

    assert sections(found(narratives=[long])["text-heavy"]) == {"1a"}
    assert "text-heavy" not in found([picture], [replace(long, evidence=(Cited(picture.id),))])


def test_we_more_than_i_is_noted():
    """A text of the team's work asks for the owner's own part."""
    answer = found(narratives=[written("1a", description="We did our work. ", times=3), written("1b")])

    assert sections(answer["we"]) == {"1a"}


def test_core_area_3_wants_law_and_a_second_area():
    """CMALT: one law and one more; two pieces of law are enough. Senior: a law and a policy."""
    law = [item(1, tags=("cmalt-3a",)), item(2, tags=("cmalt-3a",))]
    policy = item(3, tags=("cmalt-3b",))

    assert "rule" in found(law[:1])
    assert "rule" in found([policy])
    assert "rule" not in found(law)
    assert "rule" in found(law, pathway="senior")
    assert "rule" not in found([*law, policy], pathway="senior")


def test_senior_wants_two_examples_of_working_with_others():
    """One example under 4a is few for Senior, and enough for CMALT."""
    held = [item(1, tags=("cmalt-4a",))]

    assert "few-examples" not in found(held)
    assert sections(found(held, pathway="senior")["few-examples"]) == {"4a"}


def test_near_misses_of_tags_are_among_the_gaps():
    """A tag that looks like a criterion is shown with the gaps."""
    assert "tag-unknown-criterion" in found([item(1, tags=("cmalt-1d",))])


def test_facts_that_nobody_read_are_said_to_be_unverified():
    """The Associate pathway was not read: the owner is told."""
    assert "Associate" in found(pathway="associate")["unverified"][0].message
    assert "unverified" not in found(pathway="senior")


def test_sections_of_another_pathway_are_noted():
    """After a change of pathway the file that is not asked for is named, and stays."""
    assert sections(found(narratives=[written("advanced-1")])["not-asked"]) == {"advanced-1"}


def gated(narrative, entries=(), edition=Visibility.PUBLIC):
    """Return the codes that stand against one section going live."""
    portfolio = assembled(list(entries), {narrative.section: narrative}, edition)
    return {
        f.code
        for f in gates(portfolio, {narrative.section: narrative}, CMALT, "cmalt")
        if f.section == narrative.section
    }


EVIDENCE = item(1)


def test_a_written_and_ready_section_passes():
    """Nothing stands against a section that is whole."""
    assert gated(written("1a", evidence=[Cited(EVIDENCE.id)]), [EVIDENCE]) == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ready": False}, "unready"),
        ({"evidence": ()}, "placeholder"),
        ({"passages": ()}, "placeholder"),
        ({"passages": written("1a", description="I did it [TO DO: when?]").passages}, "placeholder"),
        ({"passages": written("1a", description="Ask jane@example.org").passages}, "personal-data"),
        ({"passages": written("1a", description="Call +44 1632 960001 for more").passages}, "personal-data"),
    ],
)
def test_what_stands_against_going_live(changes, code):
    """Each of these refuses the section, and the owner may waive it for that section."""
    narrative = replace(written("1a", evidence=[Cited(EVIDENCE.id)]), **changes)

    assert code in gated(narrative, [EVIDENCE])
    assert code not in gated(replace(narrative, waived=frozenset({code})), [EVIDENCE])


def test_a_section_that_its_owner_closed_stands_against_nothing():
    """Keeping a section private is a decision, not something that is not ready; gaps still name what it lacks."""
    assert gated(replace(written("1a"), visibility=Visibility.PRIVATE)) == set()


def test_where_the_words_are_on_the_site_a_file_may_be_empty():
    """With ``prose: site`` headings and evidence go live; a mark in the file that says otherwise is still a mark."""
    bare = replace(written("1a", evidence=[Cited(EVIDENCE.id)]), passages=())
    marked = replace(bare, passages=written("1a", description="I did it [TO DO: when?]").passages)

    def codes(narrative):
        portfolio = assembled([EVIDENCE], {"1a": narrative})
        found = gates(portfolio, {"1a": narrative}, CMALT, "cmalt", prose="site")
        return [f.code for f in found if f.section == "1a"]

    assert codes(bare) == []
    assert codes(marked) == ["placeholder"]


@pytest.mark.parametrize("text", ["in 2024 and 2025", "0.25 of 1,200 students", "the 2018 regulations (2018/952)"])
def test_years_and_numbers_are_no_telephone_numbers(text):
    """Ordinary numbers pass."""
    narrative = written("1a", description=f"I worked {text}. ", evidence=[Cited(EVIDENCE.id)])

    assert gated(narrative, [EVIDENCE]) == set()


def test_a_picture_without_maker_or_licence_warns():
    """An image of dubious copyright is named before it goes live."""
    file = MediaFile(name="bunny.png", url="", media_type="image/png", sha256="a" * 64)
    bare = item(2, kind="media", files=(file,))
    named = item(2, kind="media", files=(replace(file, credit="Lou", licence="CC BY 4.0"),))
    narrative = written("1a", evidence=[Cited(bare.id)])

    assert gated(narrative, [bare]) == {"licence-unknown"}
    assert gated(narrative, [named]) == set()


def test_no_finding_speaks_of_the_archives_inner_life():
    """A person reads of items and files, never of segments and tombstones."""
    entries = [item(n, tags=("cmalt-1a", "cmalt-1d"), deleted=n == 1) for n in range(1, 12)]
    messages = " ".join(f.message + f.mend for name in found(entries).values() for f in name)

    assert not {"segment", "tombstone", "manifest", "fold"} & set(messages.lower().split())


def test_the_review_and_the_psf_have_gaps_too():
    """Gaps work for every framework that ships."""
    for name in framework.names():
        loaded = framework.load(name)
        pathway = next(iter(loaded.pathways), "")
        connections = connect([], loaded, pathway, {}, {})
        draft = assembled([], {}, Visibility.PRIVATE, framework=loaded, pathway=pathway, connections=connections)
        answer = gaps(
            framework=loaded,
            pathway=pathway,
            narratives={},
            connections=connections,
            entries={},
            marks={},
            draft=draft,
        )
        assert answer


def test_personal_data_in_a_text_that_the_page_brings_along():
    """A private entry that the owner opened is read for personal data like the owner's own words, and so is the why."""
    diary = item(2, visibility=Visibility.PRIVATE, content_html="<p>Write to lou@example.org</p>")
    for cited, entries in (
        (Cited(diary.id), [diary]),
        (Cited(EVIDENCE.id, why="ask lou@example.org"), [EVIDENCE]),
    ):
        narrative = written("1a", evidence=[cited])
        portfolio = assembled(entries, {"1a": narrative}, marks={diary.id: Visibility.PUBLIC})
        findings = gates(portfolio, {"1a": narrative}, CMALT, "cmalt")
        assert [f.code for f in findings if f.section == "1a"] == ["personal-data"]


def test_a_picture_in_the_owners_text_is_asked_for_its_licence_too():
    """A meme between two paragraphs is as dubious as one among the evidence."""
    file = MediaFile(
        name="bunny.png", url="https://b.example/bunny.png?a=1&b=2", media_type="image/png", sha256="a" * 64
    )
    text = "I laughed.\n\n![Rabbits](https://b.example/bunny.png?a=1&b=2)\n"
    narrative = written("1a", description=text, evidence=[Cited(EVIDENCE.id)])

    assert gated(narrative, [EVIDENCE, item(2, kind="media", files=(file,))]) == {"licence-unknown"}


def long(section, **fields):
    return written(section, times=300, **fields)


def image(number, title, *, tags=(), file=None, **fields):
    known = MediaFile(name=f"{number}.png", url="", media_type="image/png", sha256=f"{number:x}" * 64)
    return item(number, title, kind="media", tags=tags, files=(replace(known, **(file or {})),), **fields)


def test_a_text_heavy_section_is_offered_pictures_with_their_rights():
    """Those near to its evidence come first, then those of known licence; each says its licence and credit."""
    post = item(1, tags=("cmalt-1a", "capture"))
    near = image(2, "Scores", tags=("capture",))
    known = image(3, "Rabbits", file={"licence": "CC BY 4.0", "credit": "Lou"})
    unknown = image(4, "A meme")
    (finding,) = found([post, near, known, unknown], [long("1a")])["text-heavy"]

    assert "“Scores” (no licence noted: use it if you made it); “Rabbits” (CC BY 4.0, credit: Lou)" in finding.mend
    assert 'keepfolio cite 1a "Scores"' in finding.mend
    assert "meme" not in finding.mend


@pytest.mark.parametrize(
    "changes",
    [
        {"visibility": Visibility.PRIVATE},
        {"author": "others"},
        {"deleted": True},
        {"status": "trash"},
    ],
)
def test_pictures_that_cannot_be_shown_are_not_offered(changes):
    """Private, others', deleted and binned pictures help nobody."""
    held = image(3, "Rabbits", file={"licence": "CC BY 4.0"}, **changes)

    assert "Rabbits" not in found([held], [long("1a")])["text-heavy"][0].mend


def test_a_private_picture_that_its_owner_opened_is_offered():
    """The owner's mark counts as it does on the page."""
    held = image(3, "Rabbits", file={"licence": "CC0"}, visibility=Visibility.PRIVATE)

    assert "Rabbits" in found([held], [long("1a")], marks={held.id: Visibility.PUBLIC})["text-heavy"][0].mend


def test_how_long_without_a_picture_is_for_the_owner_to_say():
    """``words_without_figure`` of the configuration is the measure."""
    draft = assembled([], {"1a": written("1a", times=40)}, Visibility.PRIVATE)
    shown = next(section for section in draft.sections if section.id == "1a")
    section = CMALT.section("cmalt", "1a")

    def codes(most):
        return {finding.code for finding in writing.findings(section, shown, most)}

    assert "text-heavy" in codes(100)
    assert "text-heavy" not in codes(800)


def test_a_heading_without_content():
    """ "Next Steps" with nothing under it is found, whether it is a part of the file or stands within one."""
    inside = written("1a", description="I did it.\n\n### Next Steps\n\n")
    own = written("1b")
    own = replace(own, passages=(*own.passages, Passage("next", "Next Steps", "")))

    messages = [finding.message for finding in found(narratives=[inside, own])["empty-heading"]]

    assert messages == [
        "1a has a heading without content: “Next Steps”.",
        "1b has a heading without content: “Next Steps”.",
    ]


@pytest.mark.parametrize(
    ("html", "empty"),
    [
        ("<h3>A</h3><p>words</p>", []),
        ("<h3>A</h3><h4>B</h4><p>words</p>", []),
        ("<h3>A</h3><h3>B</h3><p>words</p>", ["A"]),
        ("<h4>A</h4><h3>B</h3><p>words</p>", ["A"]),
        ("<h3>A</h3>", ["A"]),
        ('<h3>A</h3><p><img src="x"></p>', []),
        ("<p>words</p>", []),
    ],
)
def test_which_headings_are_empty(html, empty):
    """A heading is empty when no words, no picture and no heading below it follow."""
    assert writing.empty_headings(html) == empty


def test_the_share_of_we_is_told():
    """The team counts as "we", and the share is said in figures."""
    (finding,) = found(narratives=[written("1a", description="The team and we did our part. ", reflection="I saw.")])[
        "we"
    ]

    assert "3 times and “I” once (75%)" in finding.message


def test_reuse_names_its_sections():
    """Where the one post stands again and again is said."""
    (finding,) = found([item(1, "Mine", tags=("cmalt-1a", "cmalt-1b", "cmalt-1c", "cmalt-2a"))])["evidence-reused"]

    assert finding.message.endswith("4 sections: 1a, 1b, 1c, 2a.")


def test_a_plan_stands_beside_what_is_missing():
    """What the owner means to do for a section is shown with its gaps."""
    answer = found(narratives=[written("3b", plan="Sit in on the policy group")])

    assert answer["plan"][0].message == "3b is what you plan for: Sit in on the policy group"
    assert "3b" in sections(answer["no-evidence"])


def test_a_written_section_that_is_not_ready_says_so():
    """It is a note, for nothing is missing; one that is ready is silent."""
    evidence = [item(1, tags=("cmalt-1a", "cmalt-1b"))]
    answer = found(evidence, [written("1a", ready=False), written("1b")])

    assert sections(answer["unready"]) == {"1a"}
    assert answer["unready"][0].severity == "note"


def psf_gaps(entries, pathway="afhea"):
    """Return the gaps of a PSF portfolio by code."""
    psf = framework.load("psf-2023")
    connections = connect(entries, psf, pathway, {}, {})
    theirs = connect(entries, CMALT, "cmalt", {}, {})
    connections = replace(connections, proposed=proposed(psf.spec.crosswalk, [theirs], CMALT, connections))
    draft = assembled(list(entries), {}, Visibility.PRIVATE, framework=psf, pathway=pathway, connections=connections)
    answer = {}
    for finding in gaps(
        framework=psf,
        pathway=pathway,
        narratives={},
        connections=connections,
        entries={held.id: held for held in entries},
        marks={},
        draft=draft,
    ):
        answer.setdefault(finding.code, []).append(finding)
    return answer


def test_a_descriptor_names_the_dimensions_that_are_missing():
    """Associate Fellow with V1, K1 to K3 and one area lacks V3 and a second area; nothing must be written."""
    answer = psf_gaps([item(1, tags=("psf-V1", "psf-K1", "psf-K2", "psf-K3", "psf-A1"))])

    assert [finding.mend for finding in answer["coverage"]] == [
        "Cite evidence for: V3",
        "Cite evidence for: 1 more of A2, A3, A4, A5",
    ]
    assert not answer.keys() & {"not-written", "no-file", "no-evidence", "evidence-reused"}


def test_private_evidence_covers_no_dimension():
    """What the public page may not show does not count for a rule."""
    answer = psf_gaps([item(1, tags=("psf-V1", "psf-V3"), visibility=Visibility.PRIVATE)])

    assert "V1; V3" in answer["coverage"][0].mend


def test_a_crosswalk_is_said_to_be_ours():
    """An entry cited for 2a suggests its dimensions; whose table that is, is said."""
    answer = psf_gaps([item(1, "On captions", tags=("cmalt-2a",))])

    assert sections(answer["crosswalk"]) == {"A1", "A2", "A3", "K1", "K2"}
    assert "a table of ours, not of the bodies" in answer["crosswalk"][0].message
    assert 'keepfolio cite K1 "On captions"' in answer["crosswalk"][0].mend


def test_rules_that_nobody_read_are_said_to_be_unverified():
    """The Fellow's rules are recalled: each is named; what only people can judge is a note."""
    assert [f.message[:13] for f in psf_gaps([], "fhea")["unverified"]] == [
        "The rule D2.1",
        "The rule D2.2",
        "The rule D2.3",
    ]
    assert {f.severity for f in psf_gaps([], "sfhea")["judgement"]} == {"note"}


def test_a_framework_in_its_pilot_says_so_to_its_owner():
    """``draft: true`` is a note of the report."""
    draft = framework.Framework(CMALT.spec.model_copy(update={"draft": True}))
    connections = connect([], draft, "cmalt", {}, {})
    portfolio = assembled([], {}, Visibility.PRIVATE, framework=draft, connections=connections)
    answer = gaps(
        framework=draft,
        pathway="cmalt",
        narratives={},
        connections=connections,
        entries={},
        marks={},
        draft=portfolio,
    )

    assert "framework-draft" in {finding.code for finding in answer}


def test_a_moved_heading_is_listed():
    """After a change of edition the report says where the text stands now."""
    moved = Moved(old="9", new="1a", since="edition of 2027")
    newer = framework.Framework(CMALT.spec.model_copy(update={"moved": (moved,)}))
    texts = {"1a": written("1a", former="9", path=Path("p/original/9.md"))}
    connections = connect([], newer, "cmalt", {}, {})
    portfolio = assembled([], texts, Visibility.PRIVATE, framework=newer, connections=connections)
    answer = gaps(
        framework=newer,
        pathway="cmalt",
        narratives=texts,
        connections=connections,
        entries={},
        marks={},
        draft=portfolio,
    )

    (finding,) = (finding for finding in answer if finding.code == "moved")
    assert "9 is called 1a now (edition of 2027)" in finding.message


def review_gaps(making):
    """Return the gaps of a review without words, by section and code."""
    review = framework.load("cmalt-review")
    texts = {s.id: Narrative(s.id, path=Path(f"{s.id}.md")) for s in review.flat("") if not s.gathers}
    connections = connect([], review, "", {}, {}, texts)
    draft = assembled(
        [], texts, Visibility.PRIVATE, framework=review, pathway="", connections=connections, making=making
    )
    found_ = gaps(
        framework=review,
        pathway="",
        narratives=texts,
        connections=connections,
        entries={},
        marks={},
        draft=draft,
    )
    return {(finding.section, finding.code): finding for finding in found_}


def test_what_is_made_of_the_record_asks_for_no_words():
    """The overview of CPD is told to be filled from the record, and lacks nothing once something is made for it."""

    def make(section, shelf):
        return (replace(section, placeholder=False),)

    def make_below(section, shelf):
        return (section, replace(section, id="theme-one", within=section.id, level=section.level + 1))

    empty = review_gaps({})
    filled = review_gaps({"cpd-record": make, "cpd-depth": make_below})

    assert "keepfolio cpd add" in empty["cpd-record", "not-written"].mend
    assert "keepfolio renew" in empty["cpd-depth", "not-written"].mend
    assert not [code for code in empty if code == ("cpd-depth", "no-evidence")]
    assert not [section for section, _ in filled if section in ("cpd-record", "cpd-depth")]
    assert "principles" in empty["", "unverified"].message
