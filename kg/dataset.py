"""What is said of a graph as a whole: counts, licence, files, example queries, provenance, decisions.

All of it stands in the default graph, where editors and other programs look for it, and counts itself. It is
made from plain values, so that a graph that changed needs its counts changed and nothing read again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from kg.nquads import Quad, Term, iri_of, iriref, literal, term
from kg.rdf import Fact, resolution_graph, source_iri, statements, typed
from kg.resolve.curation import Decision, Subject
from kg.terms import check_terms
from kg.vocab import PREFIXES, Namespace, fragment

TITLE: Final = "abstractkg: a knowledge graph of AI research papers"
DESCRIPTION: Final = (
    "What papers introduce, use, evaluate on and compare to, read from their abstracts, with evidence."
)
LICENSE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
"""Names, numbers and offsets are facts; the graph holds no sentence of an abstract."""

FACTS: Final = "facts"
EVIDENCE: Final = "evidence"
RESOLUTION: Final = "resolution"

_TYPE: Final = term("rdf:type")
_KINDS: Final = ("paper", "entity", "result", "author", "organization")
_FORM: Final = re.compile(r"^\s*(select|ask|construct|describe)\b", re.IGNORECASE | re.MULTILINE)
_EXECUTABLE: Final = {
    "select": "sh:SPARQLSelectExecutable",
    "ask": "sh:SPARQLAskExecutable",
    "construct": "sh:SPARQLConstructExecutable",
}

Key = tuple[str, str, str]
"""Where a quad stands, its predicate, and for a type in the default graph the class, else nothing.

A quad of the default graph stands with the kind of its subject, as its IRI tells it (`paper`, `entity`,
`result`, `author`, `organization`, `about`); any other in `evidence` or `resolution`.
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many quads of each sort a graph has; what is added and taken away may be counted apart.

    >>> names = Namespace()
    >>> node = iriref(names.entity("grpo"))
    >>> counts = count([(node, term("rdf:type"), term("akg:Method"), "")], names)
    >>> counts.triples(), counts.classes()
    (1, {'https://w3id.org/abstractkg/ns#Method': 1})
    >>> (counts + counts - counts) == counts
    True
    """

    tally: Mapping[Key, int] = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        return Counts({k: n for k in {**self.tally, **other.tally} if (n := self._of(k) + other._of(k))})

    def __sub__(self, other: Counts) -> Counts:
        return Counts({k: n for k in {**self.tally, **other.tally} if (n := self._of(k) - other._of(k))})

    def _of(self, key: Key) -> int:
        return self.tally.get(key, 0)

    def to_json(self) -> str:
        """Return the counts as text, to be kept.

        >>> Counts.from_json(Counts({("paper", "p", ""): 2}).to_json())
        Counts(tally={('paper', 'p', ''): 2})
        """
        return json.dumps([[*key, number] for key, number in sorted(self.tally.items())])

    @classmethod
    def from_json(cls, text: str) -> Counts:
        """Return the counts that `to_json` gave."""
        return cls({(place, predicate, of_class): n for place, predicate, of_class, n in json.loads(text)})

    def triples(self, part: str = FACTS) -> int:
        """Return how many quads a part has: `facts` (the default graph), `evidence` or `resolution`."""
        return sum(self.predicates(part).values())

    def predicates(self, part: str = FACTS) -> dict[str, int]:
        """Return how many quads of a part each predicate has, by IRI, sorted."""
        found: Counter[str] = Counter()
        for (place, predicate, _), number in self.tally.items():
            if part == (place if place in {EVIDENCE, RESOLUTION} else FACTS):
                found[predicate] += number
        return dict(sorted(found.items()))

    def classes(self) -> dict[str, int]:
        """Return how many instances each class has in the default graph, by IRI, sorted."""
        found: Counter[str] = Counter()
        for (_, _, of_class), number in self.tally.items():
            if of_class:
                found[of_class] += number
        return dict(sorted(found.items()))

    def classes_of(self, kind: str) -> list[str]:
        """Return the classes that nodes of a kind have, sorted."""
        return sorted({of_class for place, _, of_class in self.tally if of_class and place == kind})

    def predicates_of(self, kind: str) -> dict[str, int]:
        """Return how many triples of each predicate have a subject of a kind."""
        found: Counter[str] = Counter()
        for (place, predicate, _), number in self.tally.items():
            if place == kind:
                found[predicate] += number
        return dict(sorted(found.items()))


def count(quads: Iterable[Quad], names: Namespace) -> Counts:
    """Return how many quads of each sort there are; each quad is to come once."""
    resolution = resolution_graph(names)
    tally: Counter[tuple[str, Term, Term]] = Counter()
    last, kind = "", ""
    for subject, predicate, value, graph in quads:
        if graph:
            tally[RESOLUTION if graph == resolution else EVIDENCE, predicate, ""] += 1
            continue
        if subject != last:
            last, kind = subject, kind_of(iri_of(subject), names)
        tally[kind, predicate, value if predicate == _TYPE else ""] += 1
    return Counts({(place, iri_of(p), iri_of(of_class)): n for (place, p, of_class), n in tally.items()})


def kind_of(iri: str, names: Namespace) -> str:
    """Return what an IRI of the default graph names, as the IRI tells it.

    >>> kind_of("https://w3id.org/abstractkg/paper/1#author-2", Namespace())
    'author'
    >>> kind_of("https://w3id.org/abstractkg/entity/grpo", Namespace())
    'entity'
    """
    if not iri.startswith(names.base):
        return "about"
    kind, slash, local = iri[len(names.base) :].partition("/")
    if kind == "paper":
        part = local.partition("#")[2].partition("-")[0]
        return part if part in {"author", "organization"} else kind
    return kind if slash and kind in {"entity", "result"} else "about"


@dataclass(frozen=True, slots=True)
class Example:
    """A query to learn from: its name, the question that it answers, and its text without parameters."""

    name: str
    question: str
    sparql: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """A file that the graph can be had as."""

    file: str
    media_type: str
    holds: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a graph was made from and by: file names with the hashes of their bytes, versions, never a time.

    `extractor` is a name and a fingerprint; empty where it is not known.
    """

    sources: tuple[tuple[str, str], ...] = ()
    version: str = ""
    extractor: str = ""


def prefixes(names: Namespace) -> dict[str, str]:
    """Return the prefixes of a graph: those of the vocabularies, and of its own nodes."""
    own = {"entity": names.base + "entity/", "kg": names.base, "paper": names.base + "paper/"}
    return dict(sorted({**PREFIXES, **own}.items()))


def about_quads(
    counts: Counts,
    names: Namespace,
    *,
    examples: Iterable[Example] = (),
    distributions: Iterable[Distribution] = (),
    provenance: Provenance | None = None,
    decisions: Iterable[Decision] = (),
) -> list[Quad]:
    """Return all that is said of the graph as a whole, in the default graph; decisions in that of resolution.

    Args:
        counts: What the graph has without these quads; they are counted in.
        names: The IRIs of the graph.
        examples: Queries that other people's editors show.
        distributions: The files that it can be had as.
        provenance: What it was made from and by.
        decisions: What people decided on names.
    """
    fixed = [
        *_dataset(names, provenance or Provenance()),
        *curation_quads(decisions, names),
        *(quad for example in examples for quad in _example(example, names)),
        *(quad for distribution in distributions for quad in _distribution(distribution, names)),
    ]
    return _counting_itself(fixed, lambda whole: list(void_quads(whole, names)), counts, names)


def _counting_itself(
    fixed: list[Quad], describe: Callable[[Counts], list[Quad]], counts: Counts, names: Namespace
) -> list[Quad]:
    """Return a description whose counts hold for the graph with the description in it.

    A description of more predicates and classes has more quads, never fewer, so this comes to an end.
    """
    quads, own = fixed, count(fixed, names)
    while True:
        quads = [*fixed, *describe(counts + own)]
        again = count(quads, names)
        if again == own:
            return quads
        own = again


def void_quads(counts: Counts, names: Namespace) -> Iterator[Quad]:
    """Yield the counts of a graph: by part, by class, by property, and which properties a class has."""
    whole = names.base + "dataset"
    parts = (FACTS, EVIDENCE, RESOLUTION)
    vocabularies = {re.sub(r"[^/#]+$", "", p) for part in parts for p in counts.predicates(part)}
    yield from statements(
        iriref(whole),
        [
            ("void:triples", typed(sum(counts.triples(part) for part in parts), "integer")),
            *(("void:subset", iriref(fragment(whole, part))) for part in parts),
            *(("void:vocabulary", iriref(iri)) for iri in sorted(vocabularies)),
        ],
    )
    for part in parts:
        node = fragment(whole, part)
        properties = counts.predicates(part)
        yield from statements(
            iriref(node),
            [
                ("rdf:type", term("void:Dataset")),
                ("void:triples", typed(counts.triples(part), "integer")),
                ("void:properties", typed(len(properties), "integer")),
            ],
        )
        for predicate, number in properties.items():
            yield from _property(node, f"{node}.{_short(predicate)}", predicate, number)
    yield from _classes(counts, fragment(whole, FACTS))


def _classes(counts: Counts, facts: str) -> Iterator[Quad]:
    classes = counts.classes()
    yield iriref(facts), term("void:classes"), typed(len(classes), "integer"), ""
    kinds = {of_class: kind for kind in _KINDS for of_class in counts.classes_of(kind)}
    for of_class, number in classes.items():
        node = f"{facts}.{_short(of_class)}"
        yield iriref(facts), term("void:classPartition"), iriref(node), ""
        yield iriref(node), term("void:class"), iriref(of_class), ""
        yield iriref(node), term("void:entities"), typed(number, "integer"), ""
        kind = kinds.get(of_class)
        if kind is None:
            continue
        # Where all nodes of a kind are of one class, the count by kind is the count by class.
        alone = len(counts.classes_of(kind)) == 1
        for predicate, triples in counts.predicates_of(kind).items():
            nested = f"{node}.{_short(predicate)}"
            yield from _property(node, nested, predicate, triples if alone else None)


def _property(of: str, node: str, predicate: str, number: int | None) -> Iterator[Quad]:
    yield iriref(of), term("void:propertyPartition"), iriref(node), ""
    yield iriref(node), term("void:property"), iriref(predicate), ""
    if number is not None:
        yield iriref(node), term("void:triples"), typed(number, "integer"), ""


def _short(iri: str) -> str:
    """Return a short form of a term that can stand in a fragment."""
    for prefix, start in PREFIXES.items():
        if iri.startswith(start):
            return f"{prefix}:{iri[len(start) :]}"
    return hashlib.sha256(iri.encode()).hexdigest()[:12]


def _dataset(names: Namespace, provenance: Provenance) -> Iterator[Quad]:
    whole = names.base + "dataset"
    node, build = iriref(whole), iriref(names.base + "build")
    software = iriref(names.base + "software")
    yield from statements(
        node,
        [
            ("rdf:type", term("void:Dataset")),
            ("rdf:type", term("dcat:Dataset")),
            ("rdf:type", term("schema:Dataset")),
            ("dcterms:title", literal(TITLE, language="en")),
            ("dcterms:description", literal(DESCRIPTION, language="en")),
            ("dcterms:license", iriref(LICENSE)),
            ("dcterms:conformsTo", iriref(PREFIXES["akg"].rstrip("#"))),
            ("void:uriSpace", literal(names.base)),
            ("prov:wasGeneratedBy", build),
        ],
    )
    for prefix, iri in prefixes(names).items():
        declared = iriref(fragment(whole, f"prefix-{prefix}"))
        yield node, term("sh:declare"), declared, ""
        said = ("sh:prefix", literal(prefix)), ("sh:namespace", typed(iri, "anyURI"))
        yield from statements(declared, said)
    yield from statements(
        build,
        [
            ("rdf:type", term("prov:Activity")),
            ("prov:wasAssociatedWith", software),
            ("akg:extractor", literal(provenance.extractor) if provenance.extractor else None),
        ],
    )
    yield from statements(
        software,
        [
            ("rdf:type", term("prov:SoftwareAgent")),
            ("schema:name", literal("abstractkg")),
            ("schema:softwareVersion", literal(provenance.version) if provenance.version else None),
        ],
    )
    for file, sha256 in sorted(set(provenance.sources)):
        source = iriref(source_iri(sha256, names))
        yield build, term("prov:used"), source, ""
        yield from statements(source, [("rdf:type", term("prov:Entity")), ("schema:name", literal(file))])


def _example(example: Example, names: Namespace) -> Iterator[Quad]:
    dataset = names.base + "dataset"
    sparql = re.sub(r"\A(?:\s*#[^\n]*\n)*", "", example.sparql).strip()
    found = _FORM.search(sparql)
    form = found[1].lower() if found else ""
    if form not in _EXECUTABLE:
        return
    yield from statements(
        iriref(fragment(dataset, f"query-{example.name}")),
        [
            ("rdf:type", term("sh:SPARQLExecutable")),
            ("rdf:type", term(_EXECUTABLE[form])),
            ("rdfs:label", literal(example.name)),
            ("rdfs:comment", literal(example.question, language="en")),
            (f"sh:{form}", literal(sparql)),
            ("sh:prefixes", iriref(dataset)),
        ],
    )


def _distribution(distribution: Distribution, names: Namespace) -> Iterator[Quad]:
    dataset = names.base + "dataset"
    node = iriref(fragment(dataset, f"file-{distribution.file}"))
    media_type = "https://www.iana.org/assignments/media-types/" + distribution.media_type
    yield iriref(dataset), term("dcat:distribution"), node, ""
    yield from statements(
        node,
        [
            ("rdf:type", term("dcat:Distribution")),
            ("dcterms:title", literal(distribution.file)),
            ("dcterms:description", literal(distribution.holds, language="en")),
            ("dcterms:license", iriref(LICENSE)),
            ("dcat:mediaType", iriref(media_type)),
        ],
    )


def curation_quads(decisions: Iterable[Decision], names: Namespace) -> Iterator[Quad]:
    """Yield what people decided on names, in the resolution graph; a decision's IRI is a hash of it."""
    for decision in decisions:
        of, target = decision.subject, decision.object
        key = (decision.action, *_parts(of), *_parts(target), decision.value or "")
        digest = hashlib.sha256("\x1f".join((*key, decision.comment, decision.author)).encode()).hexdigest()
        yield from statements(
            iriref(f"{names.base}curation/{digest[:12]}"),
            [
                ("rdf:type", term("akg:CurationDecision")),
                ("akg:action", literal(decision.action)),
                *_written("subject", of, names),
                *(() if target is None else _written("object", target, names)),
                ("akg:newValue", literal(decision.value) if decision.value else None),
                ("rdfs:comment", literal(decision.comment) if decision.comment else None),
                ("dcterms:creator", literal(decision.author) if decision.author else None),
            ],
            resolution_graph(names),
        )


def _parts(subject: Subject | None) -> tuple[str, str, str]:
    return ("", "", "") if subject is None else (subject.label, subject.type or "", subject.paper or "")


def _written(side: str, subject: Subject, names: Namespace) -> Iterator[Fact]:
    yield f"akg:{side}Written", literal(subject.label)
    yield f"akg:{side}Type", term(f"akg:{subject.type}") if subject.type else None
    yield f"akg:{side}Paper", iriref(names.paper(subject.paper)) if subject.paper else None


check_terms(__name__, globals())
