"""All nodes of a graph by number and the edges between them as arrays, for what must look at all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import numpy.typing as npt

from kg.model import Entity

if TYPE_CHECKING:
    from kg.catalog.papers import Catalog

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PaperHead:
    """What a list shows of a paper; the fields are those of `Paper`."""

    id: str
    title: str
    published: str | None
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Nodes and edges of a graph, without evidence.

    Entities are numbered by falling number of papers, papers by falling date. The number of a node is that of
    the entity, or the number of entities and that of the paper.

    Attributes:
        entities: By number.
        papers: By number.
        relations: The relations that edges have, sorted.
        edges: Rows of source node, number of the relation, target node, and paper that says so; sorted, each
            once. Shape (number of rows, 4).
    """

    entities: tuple[Entity, ...]
    papers: tuple[PaperHead, ...]
    relations: tuple[str, ...]
    edges: Ints


_ENTITIES: Final = (
    "select slug, name, type, kind, aliases, num_papers from entities order by num_papers desc, slug"
)
_PAPERS: Final = "select id, title, published, authors from papers order by coalesce(published, '') desc, id"
_EDGES: Final = """
with
  entity as (select slug, row_number() over (order by num_papers desc, slug) - 1 as n from entities),
  paper as (select id, row_number() over (order by coalesce(published, '') desc, id) - 1 as n from papers),
  node as (
    select 'entity:' || slug as id, n from entity
    union all select 'paper:' || id, n + (select count(*) from entity) from paper
  ),
  named as (select relation, row_number() over (order by relation) - 1 as n from
    (select distinct relation from supports))
select distinct s.n as source, named.n as relation, t.n as target, paper.n as paper
from supports
join node s on s.id = source join node t on t.id = target
join paper on paper.id = supports.paper join named on named.relation = supports.relation
order by all
"""


def outline(catalog: Catalog) -> Outline:
    """Return the outline of the graph in a catalog."""
    db = catalog.cursor()
    rows = db.execute(_ENTITIES).fetchall()
    entities = tuple(Entity(slug, name, kind, sub, tuple(also), n) for slug, name, kind, sub, also, n in rows)
    papers = tuple(
        PaperHead(key, title, date, tuple(authors))
        for key, title, date, authors in db.execute(_PAPERS).fetchall()
    )
    relations = db.execute("select distinct relation from supports order by relation").fetchall()
    found = db.execute(_EDGES).fetchnumpy()
    columns = [np.asarray(found[key], dtype=np.int64) for key in ("source", "relation", "target", "paper")]
    edges = cast("Ints", np.stack(columns, axis=1))
    return Outline(entities, papers, tuple(row[0] for row in relations), edges)
