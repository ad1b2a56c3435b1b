"""What a resolution looks at: every mention of every paper, and what the paper says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from kg.model import Affiliation, EntityType, Extraction, Mention, Paper, Role
from kg.names import display_name
from kg.resolve.keys import match_key

ROLE_WEIGHT: Final[dict[Role, int]] = {
    "introduces": 3,
    "uses": 1,
    "evaluates_on": 1,
    "compares_to": 1,
    "mentions": 1,
}
_SMALL_WORDS: Final = frozenset(
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "via", "with"]
)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One name that one paper uses for one thing, or all papers that use it in the same way.

    Attributes:
        papers: The ids of the papers, sorted; one twice if it uses the name so twice.
        name: `Mention.name`, or the name of an organisation line as people read it.
        type: What the paper says it is.
        kind: benchmark, dataset or environment for a Benchmark.
        role: What the paper does with it.
        weights: For each paper, confidence in thousandths times the weight of the role.
        form: The key of the name; empty if there is none to compare.
        spellings: All spellings in the paper, as people read them, sorted.
        long_forms: Keys of the spellings that spell the name out, sorted.
        company: Keys of all names in the text, by paper, as far as they are known.
        line: Whether it is an organisation line, not a name in the text.
    """

    papers: tuple[str, ...]
    name: str
    type: EntityType
    kind: str | None
    role: Role
    weights: tuple[int, ...]
    form: str
    spellings: tuple[str, ...]
    long_forms: tuple[str, ...]
    company: Mapping[str, frozenset[str]] = field(default_factory=dict, compare=False)
    line: bool = False

    @property
    def organization(self) -> bool:
        """Whether the paper says that it is an organisation."""
        return self.type == "Organization"

    @property
    def order(self) -> tuple[tuple[str, ...], str, str, tuple[str, ...], str, tuple[int, ...]]:
        """What occurrences are sorted by."""
        return (self.papers, self.name, self.type, self.spellings, self.role, self.weights)

    def apart(self) -> Iterator[Occurrence]:
        """Yield it paper by paper."""
        if len(self.papers) == 1:
            yield self
            return
        for paper, weight in zip(self.papers, self.weights, strict=True):
            yield replace(self, papers=(paper,), weights=(weight,))


def of_paper(paper: Paper | None, extraction: Extraction | None) -> tuple[Occurrence, ...]:
    """Return the occurrences of one paper, sorted: mentions in its text and organisation lines."""
    mentions = extraction.mentions if extraction is not None else ()
    lines = paper.organizations if paper is not None else ()
    paper_id = extraction.id if extraction is not None else paper.id if paper is not None else ""
    company = {paper_id: frozenset(filter(None, (match_key(m.name) for m in mentions)))}
    found = [occurrence(paper_id, mention, company) for mention in mentions]
    found += [_affiliation(paper_id, line, company) for line in lines]
    return tuple(sorted((o for o in found if o.form), key=lambda o: o.order))


def by_paper(
    papers: Iterable[Paper], extractions: Iterable[Extraction]
) -> Iterator[tuple[str, tuple[Occurrence, ...]]]:
    """Yield each paper's id and occurrences, by id."""
    with_lines = {paper.id: paper for paper in papers}
    read = {extraction.id: extraction for extraction in extractions}
    for paper_id in sorted(with_lines.keys() | read.keys()):
        yield paper_id, of_paper(with_lines.get(paper_id), read.get(paper_id))


def occurrence(
    paper_id: str, mention: Mention, company: Mapping[str, frozenset[str]] | None = None
) -> Occurrence:
    """Return a paper's mention as an occurrence.

    >>> from kg.model import Span
    >>> spans = (Span("title", 0, 4, "GRPO"), Span("title", 5, 39, "Group Relative Policy Optimization"))
    >>> occurrence("1", Mention("GRPO", "Method", "uses", 0.9, spans)).long_forms
    ('grouprelativepolicyoptimization',)
    """
    name, form = mention.name, match_key(mention.name)
    written = {display_name(span.text) for span in mention.spans}
    written.add(name)
    spellings = tuple(sorted(written))
    long_forms: tuple[str, ...] = ()
    if len(spellings) > 1 and form and " " not in name:
        keys = {match_key(s) for s in spellings if is_long_form(s, name)}
        long_forms = tuple(sorted(keys - {form}))
    return Occurrence(
        (paper_id,),
        name,
        mention.type,
        mention.kind,
        mention.role,
        (round(mention.confidence * 1000) * ROLE_WEIGHT[mention.role],),
        form,
        spellings,
        long_forms,
        company or {},
    )


def words_of(spelling: str) -> tuple[str, ...]:
    """Return the keys of the words of a spelling, without small words.

    >>> words_of("Chains-of-Thought"), words_of("Group Relative Policy Optimisation")
    (('chain', 'thought'), ('group', 'relative', 'policy', 'optimization'))
    """
    words = spelling.replace("-", " ").replace("–", " ").replace("/", " ").split()
    keys = (match_key(word) for word in words if word.casefold() not in _SMALL_WORDS)
    return tuple(filter(None, keys))


def is_long_form(spelling: str, name: str) -> bool:
    """Return whether a spelling of several words is what a short name stands for, letter by letter.

    The name's letters stand in the spelling in their order, the first of them first, and most of the words
    or most of the letters start one another.

    >>> is_long_form("Group Relative Policy Optimization", "GRPO"), is_long_form("Meta World", "MetaWorld")
    (True, False)
    >>> is_long_form("multimodal large language models", "LLM"), is_long_form("tree of thought", "ToT")
    (False, True)
    >>> is_long_form("PPO-ptx", "PPO")
    False
    """
    if " " in name:
        return False
    letters = [c for c in match_key(name) if c.isalpha()]
    words = spelling.replace("-", " ").casefold().split()
    if len(words) < 2 or len(letters) < 2 or len(match_key(spelling)) < 2 * len(letters):
        return False
    if words[0][0] != letters[0] or match_key(name) in map(match_key, words):
        return False
    rest = iter("".join(words))
    if not all(letter in rest for letter in letters):
        return False
    starts = [word[0] for word in words if word not in _SMALL_WORDS]
    shared = _longest_shared(starts, letters)
    return 5 * shared >= 3 * min(len(starts), len(letters))


def _longest_shared(one: list[str], other: list[str]) -> int:
    """Return the length of the longest subsequence that two lists share."""
    row = [0] * (len(other) + 1)
    for item in one:
        before = 0
        for place, against in enumerate(other, 1):
            before, row[place] = (
                row[place],
                before + 1 if item == against else max(row[place], row[place - 1]),
            )
    return row[-1]


def _affiliation(paper_id: str, line: Affiliation, company: Mapping[str, frozenset[str]]) -> Occurrence:
    name = display_name(line.name)
    return Occurrence(
        papers=(paper_id,),
        name=name,
        type="Organization",
        kind=None,
        role="mentions",
        weights=(2000,),
        form=match_key(name),
        spellings=(name,),
        long_forms=(),
        company=company,
        line=True,
    )
