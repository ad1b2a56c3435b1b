// The graph from the server that the page came from: its strongest part at first, the rest on demand.
//
// A source has these:
//   open()                    the model, with what is drawn at first
//   need(keys)                see that the model knows these nodes; null if nothing is to wait for
//   load(state)               see that the model holds what a state shows; null, or nodes for the map in a promise
//   search(typed, limit, entitiesOnly)   numbers of nodes, or a promise of them
//   path(state, kept)         the steps of the path of a state that was loaded, or null
//   page(node), home          addresses of pages about a node and about the graph, or null
//   privacy, licences()       what is said of this page

import { readModel } from "./model.js";

const WAITS = 300;

/** The source of a page of `kg serve`. */
export function servedSource() {
  let [model, generation] = [null, null];
  const asked = new Map();
  const parts = new Map();

  async function ask(address) {
    for (let wait = 0; ; wait += 1) {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.status === 503 && wait < WAITS) {
        // The server has just begun and is still reading the graph.
        await new Promise((done) => setTimeout(done, 300));
        continue;
      }
      if (!answer.ok) throw new Error((await answer.text()).trim());
      const part = await answer.json();
      if (generation !== null && part.generation !== generation) {
        // The graph has changed, and with it the numbers of its nodes; the address keeps what is chosen.
        location.reload();
        return new Promise(() => {});
      }
      generation = part.generation;
      return part;
    }
  }

  /** Ask for a part once, and add it to the model. */
  function part(path, query) {
    const address = `/api/${path}?${new URLSearchParams(query)}`;
    if (!asked.has(address)) {
      const coming = ask(address).then((found) => {
        model.add(found);
        parts.set(address, found);
        return found;
      });
      coming.catch(() => asked.delete(address));
      asked.set(address, coming);
    }
    return asked.get(address);
  }

  const name = (i) => model.key(i).replace("=", ":");
  const near = (i, hops) => ["neighbourhood", { node: name(i), hops, limit: 150 }];
  const way = ([from, to]) => ["path", { from: name(from), to: name(to) }];

  function wanted(state) {
    const found = [];
    if (state.node !== null) found.push(["node", { node: name(state.node) }]);
    if (state.node !== null && state.hops) found.push(near(state.node, state.hops));
    for (const i of [state.organisation, state.task]) if (i !== null) found.push(near(i, 1));
    if (state.path) found.push(way(state.path));
    return found;
  }

  return {
    home: "/",
    privacy: "It asks nobody but the server that it came from.",
    async open() {
      model = readModel(await ask("/api/explorer"));
      return model;
    },
    need(keys) {
      const unknown = keys.filter((key) => model.find(key) === undefined);
      return unknown.length ? part("nodes", unknown.map((key) => ["node", key.replace("=", ":")])) : null;
    },
    load(state) {
      const found = wanted(state);
      if (!found.length) return null;
      return Promise.all(found.map((one) => part(...one))).then((all) => all.flatMap(({ show }) => show));
    },
    async search(typed, limit, entitiesOnly) {
      if (!typed.trim()) return [];
      const only = entitiesOnly ? { only: "entities" } : {};
      return (await part("search", { q: typed, limit, ...only })).found;
    },
    path(state) {
      const [path, query] = way(state.path);
      const nodes = parts.get(`/api/${path}?${new URLSearchParams(query)}`)?.path;
      if (!nodes) return null;
      return nodes.slice(1).map((to, k) => {
        const from = nodes[k];
        const edge = model.edgesOf(from).find((e) => model.other(e, from) === to);
        return { from, edge, to };
      });
    },
    page: (i) => `/${encodeURI(model.key(i).replace("=", "/"))}`,
    licences: async () => (await fetch("/static/explorer.LICENCES.txt")).text(),
  };
}
