// Search in names, aliases and titles, with suggestions while one types.

import MiniSearch from "minisearch";

const SPLIT = /[\s\p{P}\p{S}]+/u;

/** Entities are there at once; many papers are added while the browser has nothing else to do. */
export function makeSearch(model) {
  const index = new MiniSearch({
    fields: ["label", "aliases"],
    idField: "id",
    tokenize: (text) => [...new Set([...text.split(SPLIT), ...text.split(/\s+/)])].filter(Boolean),
    searchOptions: { prefix: true, fuzzy: (term) => (term.length > 4 ? 0.2 : false), combineWith: "AND" },
  });
  const add = (from, to) => {
    const documents = [];
    for (let i = from; i < to; i += 1) {
      documents.push({
        id: i,
        label: model.label(i),
        aliases: model.isPaper(i) ? "" : model.aliases(i).join(" "),
      });
    }
    index.addAll(documents);
  };
  const at_once = Math.min(model.count, 4000);
  add(0, at_once);
  const later = (from) => {
    if (from >= model.count) return;
    idle(() => {
      add(from, Math.min(from + 1500, model.count));
      later(from + 1500);
    });
  };
  later(at_once);
  const exact = new Map();
  for (let i = model.entities - 1; i >= 0; i -= 1) {
    for (const name of [...model.aliases(i), model.label(i)]) exact.set(name.toLowerCase(), i);
  }

  /** Node numbers for what was typed, best first: the exact name, then by match and how many papers. */
  return (typed, limit = 8, wanted = () => true) => {
    const query = typed.trim();
    if (!query) return [];
    const found = index
      .search(query, {
        filter: (result) => wanted(result.id),
        boostDocument: (id) => (model.isPaper(id) ? 0.5 : 1 + Math.log1p(model.degree(id)) / 2),
      })
      .slice(0, limit + 1)
      .map((result) => result.id);
    const same = exact.get(query.toLowerCase());
    if (same !== undefined && wanted(same)) found.unshift(same);
    return [...new Set(found)].slice(0, limit);
  };
}

const idle = (work) =>
  "requestIdleCallback" in window ? requestIdleCallback(work, { timeout: 2000 }) : setTimeout(work, 50);
