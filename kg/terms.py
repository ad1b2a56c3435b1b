"""The terms that the graph is written in, by name, so that a misspelt one fails where it is written.

`AKG.extends` is an IRI of our own; a type checker knows each of them. `term("dcterms:title")` knows our own
and those of others that we use, and raises on any other. Tests hold `AKG` equal to `ontology/abstractkg.ttl`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import CodeType
from typing import ClassVar, Final

from kg.errors import UnknownNameError
from kg.model import ENTITY_TYPES
from kg.vocab import PREFIXES, RELATION, ROLE_RELATION


class AKG:
    """IRIs of our own classes and properties.

    >>> AKG.extends
    'https://w3id.org/abstractkg/ns#extends'
    """

    Entity: ClassVar[str]
    Method: ClassVar[str]
    Model: ClassVar[str]
    Benchmark: ClassVar[str]
    Organization: ClassVar[str]
    Task: ClassVar[str]
    Concept: ClassVar[str]
    Metric: ClassVar[str]
    Disambiguation: ClassVar[str]
    Result: ClassVar[str]
    Mention: ClassVar[str]
    Statement: ClassVar[str]
    Span: ClassVar[str]
    CurationDecision: ClassVar[str]

    involves: ClassVar[str]
    introduces: ClassVar[str]
    uses: ClassVar[str]
    evaluatesOn: ClassVar[str]
    comparesTo: ClassVar[str]
    mentions: ClassVar[str]
    affiliatedWith: ClassVar[str]

    extends: ClassVar[str]
    builtOn: ClassVar[str]
    partOf: ClassVar[str]
    trainedOn: ClassVar[str]
    evaluatedOn: ClassVar[str]
    outperforms: ClassVar[str]
    variantOf: ClassVar[str]
    introducedIn: ClassVar[str]
    sense: ClassVar[str]

    kind: ClassVar[str]
    numPapers: ClassVar[str]
    parameters: ClassVar[str]
    sizeWritten: ClassVar[str]
    version: ClassVar[str]
    tuning: ClassVar[str]
    quantisation: ClassVar[str]
    snapshot: ClassVar[str]
    part: ClassVar[str]
    variantRule: ClassVar[str]
    variantConfidence: ClassVar[str]

    numAuthors: ClassVar[str]
    upvotes: ClassVar[str]
    month: ClassVar[str]
    dateWritten: ClassVar[str]
    codeRepository: ClassVar[str]
    projectPage: ClassVar[str]

    inPaper: ClassVar[str]
    subject: ClassVar[str]
    benchmark: ClassVar[str]
    benchmarkWritten: ClassVar[str]
    metric: ClassVar[str]
    value: ClassVar[str]
    valueWritten: ClassVar[str]
    baseline: ClassVar[str]
    baselineWritten: ClassVar[str]
    resultKind: ClassVar[str]

    mentionName: ClassVar[str]
    confidence: ClassVar[str]
    span: ClassVar[str]
    extractor: ClassVar[str]
    resolvedTo: ClassVar[str]

    action: ClassVar[str]
    subjectWritten: ClassVar[str]
    objectWritten: ClassVar[str]
    subjectType: ClassVar[str]
    subjectPaper: ClassVar[str]
    objectType: ClassVar[str]
    objectPaper: ClassVar[str]
    newValue: ClassVar[str]


OWN: Final = tuple(AKG.__annotations__)
"""The local names of our own terms, in the order of the ontology."""

for _name in OWN:
    setattr(AKG, _name, PREFIXES["akg"] + _name)

REUSED: Final[dict[str, frozenset[str]]] = {
    prefix: frozenset(names.split())
    for prefix, names in {
        "dcat": "Dataset Distribution distribution downloadURL mediaType",
        "dcterms": "conformsTo creator description format hasPart identifier isPartOf isReplacedBy issued "
        "license publisher source subject title",
        "fabio": "Preprint hasArXivId",
        "foaf": "homepage name page",
        "oa": "Annotation SpecificResource TextPositionSelector TextQuoteSelector describing end exact "
        "hasBody hasSelector hasSource hasTarget identifying motivatedBy start",
        "prov": "Activity Entity SoftwareAgent used value wasAssociatedWith wasAttributedTo wasDerivedFrom "
        "wasGeneratedBy",
        "rdf": "object predicate subject type value",
        "rdfs": "comment label seeAlso",
        "schema": "Dataset Organization Person ScholarlyArticle SoftwareApplication alternateName author "
        "commentCount creditText description identifier license name position sha256 softwareVersion "
        "sourceOrganization text url version",
        "sh": "SPARQLAskExecutable SPARQLConstructExecutable SPARQLExecutable SPARQLSelectExecutable ask "
        "construct declare namespace prefix prefixes select",
        "skos": "altLabel broader exactMatch hiddenLabel prefLabel",
        "void": "Dataset class classPartition classes dataDump distinctObjects distinctSubjects entities "
        "exampleResource feature properties property propertyPartition sparqlEndpoint subset triples "
        "uriSpace vocabulary",
        "xsd": "anyURI boolean date decimal gYearMonth integer nonNegativeInteger string",
    }.items()
}
"""The terms of others that the graph uses, by prefix."""


_CURIE: Final = re.compile(rf"(?:akg|{'|'.join(REUSED)}):[A-Za-z]\w*")


@cache
def term(curie: str) -> str:
    """Return the IRI of a term of the graph, our own or another's.

    Args:
        curie: Prefix and local name, such as `akg:extends` or `dcterms:title`.

    Raises:
        UnknownNameError: the graph uses no such term; the message lists near ones.

    >>> term("akg:extends") == AKG.extends, term("dcterms:title")
    (True, 'http://purl.org/dc/terms/title')
    >>> term("akg:extend")
    Traceback (most recent call last):
        ...
    kg.errors.UnknownNameError: no term called 'akg:extend'; there are: akg:extends
    """
    prefix, _, local = curie.partition(":")
    names = OWN if prefix == "akg" else REUSED.get(prefix, ())
    if local not in names:
        from difflib import get_close_matches

        known = sorted(f"{key}:{name}" for key, group in {**REUSED, "akg": OWN}.items() for name in group)
        raise UnknownNameError("term", curie, get_close_matches(curie, known, n=3, cutoff=0.8))
    return PREFIXES[prefix] + local


ENTITY_CLASSES: Final = tuple(term(f"akg:{name}") for name in ENTITY_TYPES)
"""The classes of entities."""
ROLE_PROPERTIES: Final = tuple(term(f"akg:{name}") for name in ROLE_RELATION.values())
"""From a paper to an entity, by the part that the entity plays there."""
RELATION_PROPERTIES: Final = tuple(term(f"akg:{name}") for name in RELATION.values())
"""Between entities, as papers state them."""


def check_terms(module: str, namespace: Mapping[str, object]) -> None:
    """Raise if a function of a module names a term that the graph does not use.

    Called at the end of a module that writes RDF, with its `__name__` and `globals()`, so that a misspelt
    term fails when the module is imported and not when its line is first run.

    Raises:
        UnknownNameError: a string in the code reads like a term of the graph and is none.

    >>> def misspelt() -> str:
    ...     return term("akg:extend")
    >>> check_terms(__name__, {"misspelt": misspelt})
    Traceback (most recent call last):
        ...
    kg.errors.UnknownNameError: no term called 'akg:extend'; there are: akg:extends
    """
    owned = (value for value in namespace.values() if getattr(value, "__module__", "") == module)
    todo = [code for value in owned if isinstance(code := getattr(value, "__code__", None), CodeType)]
    while todo:
        for constant in todo.pop().co_consts:
            if isinstance(constant, CodeType):
                todo.append(constant)
            for text in constant if isinstance(constant, tuple) else (constant,):
                if isinstance(text, str) and _CURIE.fullmatch(text):
                    term(text)
