"""Crosswalks: evidence of one framework is proposed for another, and cites nothing by itself."""

from bridge.portfolio import framework
from bridge.portfolio.crosswalk import proposed
from bridge.portfolio.mapping import connect, meant
from tests.portfolio.samples import CMALT, item

PSF = framework.load("psf-2023")


def offered(entries, *, suggest=None):
    theirs = connect(entries, CMALT, "senior", {}, {})
    own = connect(entries, PSF, "fhea", {}, suggest or {})
    return proposed(PSF.spec.crosswalk, [theirs], CMALT, own)


def test_evidence_for_2a_suggests_its_dimensions():
    """What is tagged cmalt-2a is offered for A1, A2, A3, K1 and K2, and for nothing else."""
    held = item(1, tags=("cmalt-2a",))

    assert offered([held]) == dict.fromkeys(("A1", "A2", "A3", "K1", "K2"), (held.id,))


def test_a_principle_suggests_dimensions_too():
    """``cmalt-principle-empathy`` speaks to V5 and V1."""
    assert set(offered([item(1, tags=("cmalt-principle-empathy",))])) == {"V5", "V1"}


def test_what_is_there_already_is_not_proposed_again():
    """An entry that the dimension cites, or that the owner's own tags suggest, is not offered a second time."""
    held = item(1, tags=("cmalt-1b", "psf-K4"))
    hinted = item(2, tags=("cmalt-1b", "tools"))

    assert offered([held, hinted], suggest={"K4": ["tools"]}) == {}


def test_one_item_in_two_frameworks():
    """The same item, once in the archive, is evidence in both."""
    held = item(1, tags=("cmalt-2a", "psf-K1"))

    assert connect([held], CMALT, "cmalt", {}, {}).cited == {"2a": (held.id,)}
    assert connect([held], PSF, "fhea", {}, {}).cited == {"K1": (held.id,)}


def test_the_owners_tags_speak_for_the_framework_that_has_the_section():
    """``tags: {1b: [moodle]}`` is for CMALT alone; one that no framework has is kept, to be named as a mistake."""
    tags = {"1b": ["moodle"], "K4": ["moodle"], "9z": ["moodle"]}

    assert set(meant(tags, PSF, "fhea", [CMALT])) == {"K4", "9z"}
    assert set(meant(tags, CMALT, "cmalt", [PSF])) == {"1b", "9z"}
