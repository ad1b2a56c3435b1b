"""The rules by which a spelling belongs to an entity: how sure each is, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `confidence` is between 0 and 1; a spelling that needs two rules has the lower of both."""

    name: str
    confidence: float
    says: str


_TABLE: Final = (
    Rule("curated", 1.0, "a line of curation.tsv says so"),
    Rule("exact", 1.0, "the same characters"),
    Rule("case", 0.99, "the same but for upper and lower case"),
    Rule("spacing", 0.98, "the same but for spaces, hyphens and punctuation"),
    Rule("latex", 0.98, "the same once LaTeX, Greek letters and accents are read"),
    Rule("plural", 0.97, "the plural"),
    Rule("british", 0.97, "British for American spelling"),
    Rule("alias", 0.97, "an alias in ontology/known.tsv"),
    Rule("long-form", 0.95, "the paper itself gives both the short and the long form"),
    Rule("long-form-elsewhere", 0.9, "all papers that shorten this long form shorten it so"),
    Rule("nearly-all", 0.9, "of several readings, the one that nineteen of twenty papers give"),
    Rule("in-paper", 0.85, "the paper itself uses both for one thing"),
    Rule("long-form-mostly", 0.8, "nine of ten papers that shorten this long form shorten it so"),
    Rule(
        "outvoted", 0.8, "few papers take it for an organisation and most for something else, or the reverse"
    ),
    Rule("similar-long-form", 0.8, "the paper spells the short form out in nearly the same words"),
    Rule("company", 0.75, "of several readings, the one whose papers name the same other things"),
    Rule("type", 0.7, "of several readings, the only one of this type"),
    Rule("majority", 0.6, "of several readings, the one of most papers"),
)

RULES: Final[dict[str, Rule]] = {rule.name: rule for rule in _TABLE}
"""All rules by name, the surest first."""

DOUBTFUL: Final = 0.8
"""A merge that is less sure than this is put before people by `kg resolve review`."""


def weaker(one: str, other: str) -> str:
    """Return the less sure of two rules, the second where they are equal.

    >>> weaker("case", "majority"), weaker("curated", "case")
    ('majority', 'case')
    """
    return one if RULES[one].confidence < RULES[other].confidence else other
