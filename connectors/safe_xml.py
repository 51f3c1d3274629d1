"""XML from outside: without entities, DTD or network."""

from __future__ import annotations

from lxml import etree


def parser(*, elements_only: bool = False, huge: bool = False) -> etree.XMLParser:
    """
    Return a parser for what others wrote.

    Args:
        elements_only: Leave out comments and processing instructions.

        huge: Take texts of more than 10 MB; only for bytes that were counted before.
    """
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=elements_only,
        remove_pis=elements_only,
        huge_tree=huge,
    )
