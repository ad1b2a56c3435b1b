// The graph from this file itself: all of it is here.

import { readModel } from "./model.js";
import { shortestPath } from "./path.js";
import { makeSearch } from "./search.js";

const read = (id) => JSON.parse(document.getElementById(id).textContent);

/** A source as `served.js` describes it. */
export function embeddedSource() {
  let [model, search] = [null, null];
  return {
    home: null,
    privacy: "This file is complete: it asks no other computer for anything.",
    async open() {
      model = readModel(read("data"));
      search = makeSearch(model);
      return model;
    },
    need: () => null,
    load: () => null,
    search: (typed, limit, entitiesOnly) => search(typed, limit, (i) => !entitiesOnly || !model.isPaper(i)),
    path: (state, kept) => shortestPath(model, ...state.path, kept),
    page: () => null,
    licences: async () => read("licences"),
  };
}
