"""A module imports only from rooms to the left of its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = [
    {
        "kg.cells",
        "kg.errors",
        "kg.generations",
        "kg.memory",
        "kg.model",
        "kg.names",
        "kg.progress",
        "kg.vocab",
        "kg.terms",
        "kg.extraction_json",
        "ontology",
    },
    {"kg.sources"},
    {"extractors"},
    {"kg.catalog"},
    {"kg.engines", "kg.extracting", "kg.cluster", "kg.unfinished"},
    {"kg.resolve"},
    {"kg.graph", "kg.layout", "kg.columns"},
    {"kg.lookup", "kg.lineage"},
    {"kg.dataset", "kg.nquads", "kg.rdf", "kg.serializing"},
    {"kg.syntax", "kg.queries", "kg.answers", "kg.store", "kg.endpoint", "kg.plan"},
    {
        "kg.writers",
        "kg.explorer",
        "kg.report",
        "kg.server",
        "kg.evaluate",
        "kg.changes",
        "kg.deriving",
        "kg.diff",
        "kg.exported",
        "kg.feeds",
        "kg.shacl",
        "kg.validate",
    },
    {"kg.api"},
    {"kg.pipeline"},
    {"kg.cli"},
    {"kg.__main__"},
]
SIDE_BY_SIDE = [("kg.writers", "kg.explorer"), ("kg.server", "kg.explorer"), ("kg.server", "kg.writers")]
MODULES = sorted(
    path
    for package in ("kg", "extractors", "ontology")
    for path in (ROOT / package).rglob("*.py")
    if path != ROOT / "kg" / "__init__.py"
)
HOMES = {
    "bs4": "kg.sources",
    "spacy": "extractors",
    "pycrfsuite": "extractors",
    "duckdb": "kg.catalog",
    "pyspark": "kg.cluster",
    "pyvis": "kg.explorer",
    "igraph": "kg.layout",
    "matplotlib": "kg.report",
    "oxrdflib": "kg.store",
    "pyshacl": "kg.shacl",
    "starlette": "kg.server",
    "uvicorn": "kg.server",
}


def room_of(module: str) -> int | None:
    for index, room in enumerate(ROOMS):
        if any(module == name or module.startswith(name + ".") for name in room):
            return index
    return None


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    """Return what a module imports when it is imported (not inside functions)."""
    found: set[str] = set()
    todo: list[ast.stmt] = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.If | ast.Try) and "TYPE_CHECKING" not in ast.dump(node):
            todo += node.body
    return found


@pytest.mark.parametrize("path", MODULES, ids=module_of)
def test_a_module_imports_only_from_the_left(path: Path) -> None:
    own = room_of(module_of(path))
    assert own is not None, f"{module_of(path)} stands in no room: add it to ROOMS in its place"
    for name in sorted(imports(path)):
        room = room_of(name)
        if room is not None:
            assert room <= own, f"{module_of(path)} imports {name}, which stands to its right"
    own_name = module_of(path)
    for one, other in SIDE_BY_SIDE:
        for mine, theirs in ((one, other), (other, one)):
            if own_name.startswith(mine):
                assert not any(name.startswith(theirs) for name in imports(path))


@pytest.mark.parametrize("path", MODULES, ids=module_of)
def test_each_library_has_one_home(path: Path) -> None:
    for name in imports(path):
        home = HOMES.get(name.partition(".")[0])
        assert home is None or module_of(path).startswith(home), f"{name} belongs in {home}"
