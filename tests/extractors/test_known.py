"""Known names are found, common words are not."""

from __future__ import annotations

import pytest

from extractors.known import index_names, mark
from extractors.tokens import draft
from kg.model import Paper
from ontology import parse_known

TABLE = "name\ttype\tkind\taliases\tslug\torigin\n" + "\n".join(
    [
        "Zebra-VL\tModel\t\tZebra VL\tzebra-vl\ttest",
        "MATH\tBenchmark\tdataset\t\tmath\ttest",
        "go\tBenchmark\tenvironment\t\tgo\ttest",
        "k-zebras\tMethod\t\t\tk-zebras\ttest",
    ]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("uses Zebra-VL now", [("Zebra-VL", "Model")]),
        ("uses Zebra VL now", [("Zebra VL", "Model")]),
        ("on MATH only", [("MATH", "Benchmark")]),
        ("math and Math are words, go is too", []),
        ("with k-zebras", [("k-zebras", "Method")]),
    ],
)
def test_matches(text: str, found: list[tuple[str, str]]) -> None:
    state = draft(Paper("", text))
    mark(state, index_names(parse_known(TABLE)))
    assert [(state.surface(i, end), type_) for i, (end, type_) in sorted(state.known.items())] == found


def test_empty_table() -> None:
    assert index_names(parse_known("")).names == {}
