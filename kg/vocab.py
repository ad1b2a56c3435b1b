"""IRIs of the graph: namespaces, and functions from content to IRIs (never from time or order)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from kg.errors import UsageError
from kg.model import RelationType, Role

DEFAULT_BASE: Final = "https://w3id.org/abstractkg/"

PREFIXES: Final[dict[str, str]] = {
    "akg": "https://w3id.org/abstractkg/ns#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "entity": "https://w3id.org/abstractkg/entity/",
    "fabio": "http://purl.org/spar/fabio/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "kg": DEFAULT_BASE,
    "mls": "http://www.w3.org/ns/mls#",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "paper": "https://w3id.org/abstractkg/paper/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes that every query knows without writing them (for the default base)."""

ROLE_RELATION: Final[dict[Role, str]] = {
    "introduces": "introduces",
    "uses": "uses",
    "evaluates_on": "evaluatesOn",
    "compares_to": "comparesTo",
    "mentions": "mentions",
}
RELATION: Final[dict[RelationType, str]] = {
    "extends": "extends",
    "built_on": "builtOn",
    "part_of": "partOf",
    "trained_on": "trainedOn",
    "evaluated_on": "evaluatedOn",
    "outperforms": "outperforms",
}
IMPLIED_ROLE: Final[dict[RelationType, Role]] = {
    "extends": "uses",
    "built_on": "uses",
    "part_of": "mentions",
    "trained_on": "uses",
    "evaluated_on": "evaluates_on",
    "outperforms": "compares_to",
}
"""What a relation says of its tail for the paper that states it."""

AFFILIATED: Final = "affiliatedWith"
VARIANT_OF: Final = "variantOf"
"""From a version, size or part to what it is one of, by the grammar of names (`kg.resolve.variants`)."""

_ARXIV_ID: Final = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})")
_BASE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"{}|\\^`]+[/#]")
_SAFE: Final = "~.!$&'()*+,;=:@-_"


def is_arxiv_id(paper_id: str) -> bool:
    """Return whether a paper id is an arXiv id (new or old style, without version).

    >>> is_arxiv_id("2505.12345"), is_arxiv_id("cs/0112017"), is_arxiv_id("3f0a9c1b22de")
    (True, True, False)
    """
    return _ARXIV_ID.fullmatch(paper_id) is not None


def arxiv_page(paper_id: str) -> str | None:
    """Return the page of a paper at arXiv, or None when its id is not an arXiv id.

    >>> arxiv_page("2505.12345"), arxiv_page("cs.CL/0301012"), arxiv_page("9f86d081884c")
    ('https://arxiv.org/abs/2505.12345', 'https://arxiv.org/abs/cs.CL/0301012', None)
    """
    return f"https://arxiv.org/abs/{paper_id}" if is_arxiv_id(paper_id) else None


def fragment(iri: str, local: str) -> str:
    """Return the IRI of a part of what `iri` names.

    >>> fragment("https://w3id.org/abstractkg/paper/2402.03300", "grpo")
    'https://w3id.org/abstractkg/paper/2402.03300#grpo'
    """
    return f"{iri}#{quote(local, safe=_SAFE)}"


@dataclass(frozen=True, slots=True)
class Namespace:
    """IRIs under one base.

    Raises:
        UsageError: the base is no absolute IRI that ends in `/` or `#`.
    """

    base: str = DEFAULT_BASE

    def __post_init__(self) -> None:
        if not _BASE.fullmatch(self.base):
            raise UsageError(f"{self.base!r} is no base for IRIs; write one such as {DEFAULT_BASE}")

    def paper(self, paper_id: str) -> str:
        """Return the IRI of a paper.

        >>> Namespace().paper("2402.03300")
        'https://w3id.org/abstractkg/paper/2402.03300'
        """
        return f"{self.base}paper/{quote(paper_id, safe=_SAFE + '/')}"

    def entity(self, slug: str) -> str:
        """Return the IRI of an entity.

        >>> Namespace().entity("qwen2.5-vl")
        'https://w3id.org/abstractkg/entity/qwen2.5-vl'
        """
        return f"{self.base}entity/{quote(slug, safe=_SAFE)}"

    def term(self, name: str) -> str:
        """Return the IRI of a class or property of the ontology."""
        return PREFIXES["akg"] + name

    def node(self, node_id: str) -> str:
        """Return the IRI of a graph node id (`paper:…` or `entity:…`).

        Raises:
            ValueError: the id has neither prefix.
        """
        kind, _, local = node_id.partition(":")
        if kind == "paper":
            return self.paper(local)
        if kind == "entity":
            return self.entity(local)
        raise ValueError(f"not a node id: {node_id!r}")

    def node_id(self, iri: str) -> str | None:
        """Return the node id of an IRI under this base, the inverse of `node`, or None.

        >>> Namespace().node_id("https://w3id.org/abstractkg/entity/grpo")
        'entity:grpo'
        """
        for kind in ("paper", "entity"):
            start = f"{self.base}{kind}/"
            if iri.startswith(start):
                return f"{kind}:{unquote(iri[len(start) :])}"
        return None
