"""The documentation of the ontology as one page, made by pyLODE: `make docs`.

    python -m tests.ontology.page build/docs/ontology.html

The same ontology gives the same bytes. pyLODE walks over sets, so the work is done in a process with a fixed
hash seed, and unions of classes, which it gives in the order of addresses in memory, are taken apart before.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

from rdflib import OWL, RDFS, SDO, SKOS, BNode, Graph

from ontology import read_text

SEED: Final = "PYTHONHASHSEED"
MAPPINGS: Final = [SKOS.closeMatch, SKOS.narrowMatch, RDFS.seeAlso]
"""What pyLODE does not show of a term by itself."""
INCLUDES: Final = {str(RDFS.domain): SDO.domainIncludes, str(RDFS.range): SDO.rangeIncludes}


def make_page() -> str:
    """Return the page."""
    logging.disable(logging.INFO)
    version = ModuleType("pylode.version")  # that of 3.4.1 reads a file which its wheel does not bring
    version.__dict__["__version__"] = importlib.metadata.version("pylode")
    sys.modules.setdefault("pylode.version", version)
    pylode = importlib.import_module("pylode")
    elements = importlib.import_module("pylode.rdf_elements")
    elements.PROPS.update(MAPPINGS)
    for shown in (elements.CLASS_PROPS, elements.PROP_PROPS):
        shown += MAPPINGS
    ontology = Graph().parse(data=read_text("abstractkg.ttl"), format="turtle")
    return str(pylode.OntPub(without_unions(ontology), sort_subjects=True).make_html())


def without_unions(ontology: Graph) -> Graph:
    """Return an ontology with `schema:domainIncludes` and `rangeIncludes` for each union of classes."""
    graph = Graph()
    for prefix, iri in ontology.namespaces():
        graph.bind(prefix, iri)
    for subject, predicate, value in ontology:
        if isinstance(subject, BNode):
            continue
        if not isinstance(value, BNode):
            graph.add((subject, predicate, value))
            continue
        union = ontology.value(value, OWL.unionOf)
        for member in ontology.items(union) if union is not None else ():
            graph.add((subject, INCLUDES[str(predicate)], member))
    return graph


def main() -> None:
    """Write the page to the file that is named, in a process of its own."""
    target = Path(sys.argv[1])
    if os.environ.get(SEED) != "0":
        command = [sys.executable, "-m", "tests.ontology.page", str(target)]
        raise SystemExit(subprocess.run(command, env={**os.environ, SEED: "0"}, check=False).returncode)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(make_page(), encoding="utf-8")
    print(f"wrote {target} ({target.stat().st_size:,} bytes)", file=sys.stderr)


if __name__ == "__main__":
    main()
