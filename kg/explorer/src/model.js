// The graph as the page holds it: numbered nodes, entities first, then papers; see docs/explorer.md.

/** Read the columns that Python wrote. */
export function readModel(data) {
  const entities = data.entities.slug.length;
  const papers = data.papers.id.length;
  const count = entities + papers;
  const { source, target, relation, confidence, spans } = data.edges;
  const edgeCount = source.length;

  const classOf = new Uint8Array(count);
  classOf.set(data.entities.class);
  const paperClass = data.classes.findIndex(([name]) => name === "Paper");
  classOf.fill(paperClass, entities);

  const firstSpan = new Uint32Array(edgeCount + 1);
  for (let e = 0; e < edgeCount; e += 1) firstSpan[e + 1] = firstSpan[e] + spans[e];

  // The paper of each span: given for edges between entities, the edge's source for the others.
  const spanPaper = new Uint32Array(firstSpan[edgeCount]);
  for (let e = 0, given = 0; e < edgeCount; e += 1) {
    for (let k = firstSpan[e]; k < firstSpan[e + 1]; k += 1) {
      spanPaper[k] = source[e] >= entities ? source[e] : data.evidence.paper[given++];
    }
  }

  // Edges of a node stand side by side in one array.
  const start = new Uint32Array(count + 1);
  for (let e = 0; e < edgeCount; e += 1) {
    start[source[e] + 1] += 1;
    start[target[e] + 1] += 1;
  }
  for (let i = 0; i < count; i += 1) start[i + 1] += start[i];
  const place = start.slice();
  const incident = new Uint32Array(2 * edgeCount);
  for (let e = 0; e < edgeCount; e += 1) {
    incident[place[source[e]]++] = e;
    incident[place[target[e]]++] = e;
  }

  const months = data.papers.published.map((date) => (date ? monthNumber(date) : null));

  const model = {
    title: data.title,
    withText: data.with_text,
    count,
    entities,
    papers,
    edgeCount,
    x: data.nodes.x,
    y: data.nodes.y,
    group: data.nodes.group,
    classes: data.classes.map(([name, colour, size]) => ({ name, colour, size })),
    relations: data.relations.map(([name, forwards, backwards]) => ({ name, forwards, backwards })),
    classOf,
    source,
    target,
    relation,
    confidence,
    results: data.results.map(readResult),
    months,
    label: (i) => (i < entities ? data.entities.label[i] : data.papers.label[i - entities]),
    isPaper: (i) => i >= entities,
    className: (i) => data.classes[classOf[i]][0],
    typeName: (i) => typeName(data.classes[classOf[i]][0]),
    degree: (i) => start[i + 1] - start[i],
    edgesOf: (i) => incident.subarray(start[i], start[i + 1]),
    other: (e, i) => (source[e] === i ? target[e] : source[e]),
    aliases: (i) => data.entities.aliases[i] ?? [],
    kind: (i) => data.entities.kind[i],
    published: (i) => data.papers.published[i - entities],
    month: (i) => months[i - entities],
    authors: (i) => data.papers.authors[i - entities],
    abstract: (i) => data.papers.abstract?.[i - entities],
    key: (i) => (i < entities ? `entity=${data.entities.slug[i]}` : `paper=${data.papers.id[i - entities]}`),
    relationName: (e) => data.relations[relation[e]][0],
    papersOf: (e) => (source[e] >= entities ? [source[e]] : data.edges.papers[e]),
  };

  const written = (i) => data.papers.written[i - entities] ?? data.papers.label[i - entities];
  /** The papers that name an entity, as a set. */
  model.papersNaming = (node) => {
    const papers = new Set();
    for (const e of model.edgesOf(node)) if (source[e] >= entities) papers.add(source[e]);
    return papers;
  };

  /** The title or the abstract of a paper, as its offsets count it. */
  model.textOf = (paper, field) => (field === "title" ? written(paper) : model.abstract(paper));

  /**
   * The spans behind an edge: paper, field, start, end, and either the words, or from where until where the
   * sentence around them goes.
   */
  model.evidence = (e) => {
    const { start, length, string, sentence_start: from, sentence_length: size } = data.evidence;
    const found = [];
    for (let k = firstSpan[e]; k < firstSpan[e + 1]; k += 1) {
      const isTitle = start[k] < 0;
      const first = isTitle ? -1 - start[k] : start[k];
      const end = first + length[k];
      found.push({
        paper: spanPaper[k],
        field: isTitle ? "title" : "abstract",
        start: first,
        end,
        text: string ? data.strings[string[k]] : null,
        from: string ? null : from[k],
        until: string ? end : Math.max(from[k] + size[k], end),
      });
    }
    return found;
  };

  /** Where a node is described outside of this page. */
  model.link = (i) => {
    if (i < entities || data.papers.elsewhere.includes(i - entities)) return null;
    return `https://arxiv.org/abs/${data.papers.id[i - entities]}`;
  };
  model.iri = (i) =>
    i < entities
      ? (data.entities.iri[i] ?? `${data.base}entity/${data.entities.slug[i]}`)
      : (data.papers.iri[i - entities] ?? `${data.base}paper/${data.papers.id[i - entities]}`);
  model.links = (i) => data.papers.links[i - entities] ?? [];

  model.strongest = 1;
  for (let i = 0; i < entities; i += 1) model.strongest = Math.max(model.strongest, model.degree(i));

  const byKey = new Map();
  for (let i = 0; i < count; i += 1) byKey.set(model.key(i), i);
  model.find = (key) => byKey.get(key);

  return model;
}

function readResult(row) {
  const [paper, subject, benchmark, metric, written, value, baseline, kind, isTitle, start, length] = row;
  return { paper, subject, benchmark, metric, written, value, baseline, kind, isTitle, start, length };
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
