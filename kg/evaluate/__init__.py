"""Scores of extractions against annotated papers.

Rows of both sides are joined on the title. An entity matches when a name or mention of one side equals a
name or mention of the other in its key form; each annotated row is matched at most once. What is counted:

- core: Method, Model, Benchmark, Organization by name and type (`lenient`: Method and Model are one type;
  `untyped`: name only). A prediction that the annotation holds as Concept, Task or Metric counts neither way.
- introduces: the core rows of that role; role accuracy: over the core matches.
- soft: Concept, Task and Metric together, name only.
- relations: (head, relation, tail), an alias standing for its row.
- results: number, and benchmark where given.

`mistakes` lists what is wrong, `intervals` says how sure the scores are, `reliability` what a confidence is
worth.
"""

from __future__ import annotations

from kg.evaluate.match import (
    CORE,
    Comparison,
    Entity,
    Row,
    compare,
    key_of,
    read_gold,
    read_predicted,
    title_of,
)
from kg.evaluate.scores import MEASURES, Scores, Tally, format_scores, score, scores_object

__all__ = [
    "CORE",
    "MEASURES",
    "Comparison",
    "Entity",
    "Row",
    "Scores",
    "Tally",
    "compare",
    "format_scores",
    "key_of",
    "read_gold",
    "read_predicted",
    "score",
    "scores_object",
    "title_of",
]
