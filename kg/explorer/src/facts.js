// What the papers say of a node, counted.

import { monthNumber } from "./model.js";

const ROLES = ["introduces", "uses", "evaluatesOn", "comparesTo", "mentions", "affiliatedWith"];

/** Roles of each paper that names an entity: paper to edges, newest paper first. */
function papersByDate(model, node) {
  const found = new Map();
  for (const e of model.edgesOf(node)) {
    const paper = model.source[e];
    if (model.isPaper(paper) && model.target[e] === node) {
      if (!found.has(paper)) found.set(paper, []);
      found.get(paper).push(e);
    }
  }
  // Papers are numbered newest first.
  return [...found].sort(([a], [b]) => a - b);
}

/** How many papers have each role towards an entity. */
function roleCounts(model, node) {
  const counts = new Map(ROLES.map((role) => [role, 0]));
  for (const [, edges] of papersByDate(model, node)) {
    for (const role of new Set(edges.map(model.relationName))) counts.set(role, counts.get(role) + 1);
  }
  return counts;
}

/** The edges between entities at a node, grouped as "forwards" or "backwards" words. */
export function relationsOf(model, node) {
  const groups = new Map();
  for (const e of model.edgesOf(node)) {
    if (model.isPaper(model.source[e])) continue;
    const { forwards, backwards } = model.relations[model.relation[e]];
    const words = model.source[e] === node ? forwards : backwards;
    if (!groups.has(words)) groups.set(words, []);
    groups.get(words).push(e);
  }
  for (const edges of groups.values()) {
    edges.sort((a, b) => model.papersOf(b).length - model.papersOf(a).length || a - b);
  }
  return groups;
}

/** Entities named in the same papers, most shared papers first. */
function companions(model, node, limit) {
  const shared = new Map();
  for (const paper of model.papersNaming(node)) {
    const seen = new Set();
    for (const e of model.edgesOf(paper)) seen.add(model.target[e]);
    for (const other of seen) if (other !== node) shared.set(other, (shared.get(other) ?? 0) + 1);
  }
  return [...shared].sort(([a, m], [b, n]) => n - m || a - b).slice(0, limit);
}

/** What is known of an entity in the whole graph: counted here, or told by the server. */
export function factsOf(model, node) {
  const told = model.told(node);
  const papers = papersByDate(model, node);
  if (told) {
    const listed = new Set(told.listed);
    return {
      numPapers: told.papers,
      papers: papers.filter(([paper]) => listed.has(paper)),
      introduced: told.introduced,
      dates: told.dates,
      roles: new Map(ROLES.map((role) => [role, told.roles[role] ?? 0])),
      months: new Map(Object.entries(told.months).map(([month, n]) => [monthNumber(month), n])),
      companions: told.companions,
      numResults: told.results,
    };
  }
  const months = new Map();
  for (const [paper] of papers) {
    const month = model.month(paper);
    if (month !== null) months.set(month, (months.get(month) ?? 0) + 1);
  }
  const introducing = ([, edges]) => edges.some((e) => model.relationName(e) === "introduces");
  const dates = papers.map(([paper]) => model.published(paper)).filter(Boolean);
  return {
    numPapers: papers.length,
    papers,
    introduced: papers
      .filter(introducing)
      .map(([paper]) => paper)
      .reverse(),
    dates: dates.sort(),
    roles: roleCounts(model, node),
    months,
    companions: companions(model, node, 12),
    numResults: resultsOf(model, node).length,
  };
}

/** Papers a month from the first to the last month of the graph: first month, counts. */
export function trend(model, months) {
  const [first, last] = timeSpan(model);
  const counts = new Array(Math.max(last - first + 1, 0)).fill(0);
  for (const [month, n] of months) counts[month - first] += n;
  return { first, counts };
}

/** First and last month of the graph's papers; [0, -1] where no paper has a date. */
export function timeSpan(model) {
  const months = [...model.monthCounts().keys()];
  return months.length ? [Math.min(...months), Math.max(...months)] : [0, -1];
}

/** Reported results about an entity or a paper, and results on a benchmark. */
export function resultsOf(model, node) {
  return model.results.filter((r) => r.subject === node || r.benchmark === node || r.paper === node);
}

/** The entities of one class, most papers first; entities are numbered so. */
export function topOfClass(model, className, limit) {
  const found = [];
  for (let i = 0; i < model.entities && found.length < limit; i += 1) {
    if (model.has(i) && model.className(i) === className) found.push(i);
  }
  return found;
}
