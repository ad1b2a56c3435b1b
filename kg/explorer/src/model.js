// The graph as the page holds it, whole or the part that was asked for so far; see docs/explorer.md. Nodes
// are numbered: entities first, most papers first, then papers, newest first.

import { placeBeside } from "./beside.js";

/** Read the columns that Python wrote: all of a graph, or the head and the first part of a larger one. */
export function readModel(data) {
  const whole = !data.counts;
  const entities = data.counts?.entities ?? data.entities.slug.length;
  const papers = data.counts?.papers ?? data.papers.id.length;
  const count = entities + papers;
  const paperClass = data.classes.findIndex(([name]) => name === "Paper");

  const records = new Array(count);
  const incident = new Array(count);
  const edges = { source: [], target: [], relation: [], confidence: [], papers: [], firstSpan: [], spans: [] };
  const edgeAt = new Map();
  const spans = { paper: [], start: [], length: [], text: [], from: [], size: [] };
  const byKey = new Map();
  const toldFacts = new Map();
  const seenResults = new Set();
  const first = new Uint8Array(count);
  const { source, target, relation, confidence } = edges;

  const model = {
    title: data.title,
    withText: data.with_text,
    whole,
    count,
    entities,
    papers,
    x: new Float64Array(count),
    y: new Float64Array(count),
    group: new Int32Array(count).fill(-1),
    placed: new Uint8Array(count),
    shown: new Uint8Array(count),
    classes: data.classes.map(([name, colour, size]) => ({ name, colour, size })),
    relations: data.relations.map(([name, forwards, backwards]) => ({ name, forwards, backwards })),
    classOf: new Uint8Array(count).fill(paperClass < 0 ? 0 : paperClass),
    source,
    target,
    relation,
    confidence,
    results: [],
    strongest: 1,
    get edgeCount() {
      return source.length;
    },
    has: (i) => records[i] !== undefined,
    label: (i) => records[i].label,
    isPaper: (i) => i >= entities,
    className: (i) => model.classes[model.classOf[i]].name,
    typeName: (i) => typeName(model.className(i)),
    edgesOf: (i) => incident[i] ?? [],
    other: (e, i) => (source[e] === i ? target[e] : source[e]),
    aliases: (i) => records[i].aliases ?? [],
    kind: (i) => records[i].kind,
    published: (i) => records[i].published,
    month: (i) => records[i].month,
    authors: (i) => records[i].authors,
    abstract: (i) => records[i].abstract,
    links: (i) => records[i].links ?? [],
    key: (i) => records[i].key,
    iri: (i) => records[i].iri ?? `${data.base}${records[i].key.replace("=", "/")}`,
    find: (key) => byKey.get(key),
    relationName: (e) => data.relations[relation[e]][0],
    papersOf: (e) => (source[e] >= entities ? [source[e]] : edges.papers[e]),
    /** What the server counted of an entity; nothing where the whole graph is here. */
    told: (i) => toldFacts.get(i),
  };

  /** How many edges a node has in the whole graph. */
  model.degree = (i) => records[i].degree ?? model.edgesOf(i).length;

  /** How many papers name an entity in the whole graph. */
  model.numPapers = (i) => records[i].papers ?? model.papersNaming(i).size;

  /** The papers here that name an entity, as a set. */
  model.papersNaming = (node) => {
    const naming = new Set();
    for (const e of model.edgesOf(node)) if (source[e] >= entities) naming.add(source[e]);
    return naming;
  };

  /** The title or the abstract of a paper, as its offsets count it. */
  model.textOf = (paper, field) =>
    field === "title" ? (records[paper].written ?? records[paper].label) : model.abstract(paper);

  /**
   * The spans behind an edge: paper, field, start, end, and either the words, or from where until where the
   * sentence around them goes.
   */
  model.evidence = (e) => {
    const found = [];
    for (let k = edges.firstSpan[e]; k < edges.firstSpan[e] + edges.spans[e]; k += 1) {
      const isTitle = spans.start[k] < 0;
      const begin = isTitle ? -1 - spans.start[k] : spans.start[k];
      const end = begin + spans.length[k];
      const from = spans.from[k];
      found.push({
        paper: spans.paper[k],
        field: isTitle ? "title" : "abstract",
        start: begin,
        end,
        text: spans.text[k],
        from,
        until: from === null ? end : Math.max(from + spans.size[k], end),
      });
    }
    return found;
  };

  /** Where a paper is described outside of this page. */
  model.link = (i) => {
    if (i < entities || records[i].elsewhere) return null;
    return `https://arxiv.org/abs/${records[i].id}`;
  };

  /** Papers a month in the whole graph: month to count. */
  model.monthCounts = () => {
    if (data.months)
      return new Map(Object.entries(data.months).map(([month, n]) => [monthNumber(month), n]));
    const counts = new Map();
    for (let i = entities; i < count; i += 1) {
      const { month } = records[i];
      if (month !== null) counts.set(month, (counts.get(month) ?? 0) + 1);
    }
    return counts;
  };

  /** Let the map hold these nodes beside those it began with. */
  model.show = (nodes) => {
    model.shown.set(first);
    for (const i of nodes) model.shown[i] = 1;
  };

  /** Take in a part: nodes that are new, edges, and evidence for edges that had none. */
  model.add = (part) => {
    const numbers = [...addEntities(part.entities), ...addPapers(part.papers)];
    const { x, y, group, degree } = part.nodes;
    numbers.forEach((i, k) => {
      if (degree) records[i].degree = degree[k];
      if (!x) return;
      [model.x[i], model.y[i], model.group[i], model.placed[i]] = [x[k], y[k], group[k], 1];
      first[i] = 1;
      model.shown[i] = 1;
    });
    addEdges(part);
    for (const row of part.results) addResult(row);
    if (part.facts) toldFacts.set(part.facts.node, part.facts);
    if (!x) placeBeside(model, part.facts ? [part.facts.node, ...numbers] : numbers);
    for (const i of numbers)
      if (i < entities) model.strongest = Math.max(model.strongest, model.degree(i));
  };

  function addNode(i, record) {
    records[i] = { ...records[i], ...record };
    byKey.set(record.key, i);
    return i;
  }

  function addEntities(columns) {
    return columns.slug.map((slug, k) => {
      const i = columns.number?.[k] ?? k;
      model.classOf[i] = columns.class[k];
      return addNode(i, {
        key: `entity=${slug}`,
        label: columns.label[k],
        kind: columns.kind[k],
        aliases: columns.aliases[k],
        iri: columns.iri[k],
        papers: columns.papers?.[k],
      });
    });
  }

  function addPapers(columns) {
    const elsewhere = new Set(columns.elsewhere);
    return columns.id.map((id, k) => {
      const i = columns.number?.[k] ?? entities + k;
      const date = columns.published[k];
      return addNode(i, {
        id,
        key: `paper=${id}`,
        label: columns.label[k],
        published: date,
        month: date ? monthNumber(date) : null,
        authors: columns.authors[k],
        links: columns.links[k],
        iri: columns.iri[k],
        written: columns.written[k],
        elsewhere: elsewhere.has(k),
        abstract: columns.abstract?.[k] ?? records[i]?.abstract,
      });
    });
  }

  function addEdges({ edges: columns, evidence, strings }) {
    let [at, given] = [0, 0];
    for (let k = 0; k < columns.source.length; k += 1) {
      const [from, to] = [columns.source[k], columns.target[k]];
      const size = columns.spans[k];
      const e = edgeFor(from, columns.relation[k], to);
      edges.papers[e] = columns.papers[k];
      if (size || edges.spans[e] === undefined) {
        confidence[e] = columns.confidence[k];
        [edges.firstSpan[e], edges.spans[e]] = [spans.start.length, size];
      }
      for (let n = at; n < at + size; n += 1) {
        // Of an edge from a paper the paper is known.
        spans.paper.push(from >= entities ? from : evidence.paper[given++]);
        spans.start.push(evidence.start[n]);
        spans.length.push(evidence.length[n]);
        spans.text.push(evidence.string ? strings[evidence.string[n]] : null);
        spans.from.push(evidence.sentence_start?.[n] ?? null);
        spans.size.push(evidence.sentence_length?.[n] ?? 0);
      }
      at += size;
    }
  }

  function edgeFor(from, kind, to) {
    const key = (from * data.relations.length + kind) * count + to;
    const known = edgeAt.get(key);
    if (known !== undefined) return known;
    const e = source.length;
    edgeAt.set(key, e);
    source.push(from);
    target.push(to);
    relation.push(kind);
    (incident[from] ??= []).push(e);
    (incident[to] ??= []).push(e);
    return e;
  }

  function addResult(row) {
    const key = whole ? null : row.join("\u001f");
    if (seenResults.has(key)) return;
    if (key) seenResults.add(key);
    const [paper, subject, benchmark, metric, written, value, baseline, kind, isTitle, start, length] = row;
    model.results.push({
      paper,
      subject,
      benchmark,
      metric,
      written,
      value,
      baseline,
      kind,
      isTitle,
      start,
      length,
    });
  }

  model.add(data);
  return model;
}

/** The name of a class as this page spells it. */
export const typeName = (className) => (className === "Organization" ? "Organisation" : className);

/** Offsets count code points; JavaScript counts UTF-16 units, two for each character beyond U+FFFF. */
export function slicePoints(text, start, end) {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text).slice(start, end).join("") : text.slice(start, end);
}

/** "2025-03-14" as the number of months since year 0. */
export function monthNumber(date) {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
}

/** The month of such a number as "2025-03". */
export function monthName(month) {
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
}
