"""Which terms other vocabularies have."""

from __future__ import annotations

from typing import Final

import rdflib
from rdflib.namespace import (
    DCAT,
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    RDF,
    RDFS,
    SDO,
    SH,
    SKOS,
    VANN,
    VOID,
    XSD,
    DefinedNamespaceMeta,
)

CLOSED: Final[tuple[DefinedNamespaceMeta, ...]] = (
    DCAT,
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    RDF,
    RDFS,
    SDO,
    SH,
    SKOS,
    VANN,
    VOID,
    XSD,
)
"""Vocabularies of which rdflib brings all terms."""

READ: Final[dict[str, str]] = {
    "http://cso.kmi.open.ac.uk/schema/cso#": "Topic",
    "http://purl.org/spar/fabio/": "Preprint hasArXivId",
    "http://www.w3.org/ns/mls#": "Algorithm EvaluationMeasure ModelEvaluation Task hasValue",
    "http://www.w3.org/ns/oa#": "Annotation SpecificResource TextPositionSelector TextQuoteSelector "
    "describing end exact hasBody hasSelector hasSource hasTarget identifying motivatedBy start",
    "https://linkedpaperswithcode.com/class/": "dataset evaluationresult method model paper task",
    "https://linkedpaperswithcode.com/property/": "hasDataset hasMethod hasModel hasRepository introducedBy "
    "metricName metricValue numberPapers usesDataset",
    "https://semopenalex.org/ontology/": "Author Concept Institution Work worksCount",
    "https://w3id.org/fair4ml#": "MLModel evaluatedOn fineTunedFrom trainedOn",
}
"""Terms of other vocabularies, as read in their own files."""


def exists(iri: str) -> bool:
    """Return whether another vocabulary has a term."""
    for namespace in CLOSED:
        if iri.startswith(str(namespace)):
            return rdflib.URIRef(iri) in namespace
    return any(
        iri.removeprefix(start) in names.split() for start, names in READ.items() if iri.startswith(start)
    )
