"""Words that stand in one place each of the sample, and who may read them: what a leak is recognised by."""

from __future__ import annotations

from archive.entry import Visibility

PRIVATE = {
    "Cranmire": "a comment in a section's Markdown",
    "Brackenshaw": "a private page, tagged as evidence",
    "Wendlecote": "a draft, tagged as evidence",
    "Ottermoor": "a post with a password, tagged as evidence",
    "Rookhope": "a private post, tagged as evidence",
    "Dunnockfold": "the name, title, tag and description of a file that only a private post shows",
    "Hollinside": "the title of a private CPD entry",
    "Grimsdene": "a person in a private CPD entry",
    "Pellowfield": "the note of a private CPD entry",
    "Thistlewick": "a private theme of the review",
    "Fenwick-Slade": "the note of a private CPD entry that a private theme holds",
    "Ravensgill": "the note of another private CPD entry",
    "Prothero-Gaunt": "somebody in people.yaml who said no",
    "Swithinbank": "an assessor's comment",
    "Lanternhithe": "the artist in the metadata of every picture",
    "Cobblestead": "the author in the metadata of every PDF",
    "longlegs": "the password of a post",
}
"""For the owner alone."""

ASSESSOR = {
    "Eastermouth": "the confirmation of the original",
    "Tollgate": "the confirmation of the review",
    "fellowship-report": "the file of evidence that is opened to assessors",
}
"""For assessors, and nobody else."""


def hidden_from(edition: Visibility) -> dict[str, str]:
    """Return the words that an edition may not hold anywhere, and where they stand in the sample."""
    if edition is Visibility.PRIVATE:
        return {}
    return PRIVATE if edition is Visibility.ASSESSOR else {**PRIVATE, **ASSESSOR}
