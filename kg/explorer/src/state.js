// What is chosen, as a value that the address holds: links open the same view, the back button goes back.

import { monthName, monthNumber } from "./model.js";

/** Nothing chosen. */
const START = Object.freeze({
  node: null, // number of the selected node
  path: null, // [from, to]
  hops: 0, // show only what is this near; 0 shows all
  hidden: [], // names of hidden classes
  from: null, // number of a month, or null
  to: null,
  organisation: null, // node number
  task: null,
  view: "map", // or "table"
});

/** A store of one state: listeners hear of each change with the new and the old state. */
/** `source.need` makes nodes of an address known. */
export function makeStore(model, source) {
  let state = read(model, location.hash);
  const listeners = [];

  const tell = (old) => listeners.forEach((listener) => listener(state, old));

  const set = (change, { history: kind = "push" } = {}) => {
    const old = state;
    state = { ...state, ...change };
    const address = write(model, state);
    if (address !== write(model, old)) {
      try {
        history[kind === "push" ? "pushState" : "replaceState"](null, "", address || "#");
      } catch {
        // A sandboxed frame has no history of its own.
      }
    }
    tell(old);
  };

  window.addEventListener("popstate", async () => {
    const needed = source.need(keysIn(location.hash));
    if (needed) await needed;
    const old = state;
    state = read(model, location.hash);
    tell(old);
  });

  return { get: () => state, set, listen: (listener) => listeners.push(listener) };
}

/** The keys of the nodes that an address names. */
export function keysIn(hash) {
  const keys = [];
  for (const part of hash.replace(/^#/, "").split("&")) {
    const [key, value] = [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)];
    if (key === "entity" || key === "paper") keys.push(`${key}=${decode(value)}`);
    else if (key === "path") keys.push(...value.split("..").map((slug) => `entity=${decode(slug)}`));
    else if (key === "organisation" || key === "task") keys.push(`entity=${decode(value)}`);
  }
  return keys;
}

function write(model, state) {
  const parts = [];
  if (state.node !== null) parts.push(escapeValue(model.key(state.node)));
  if (state.path)
    parts.push(`path=${state.path.map((i) => encodeURIComponent(slugOf(model, i))).join("..")}`);
  if (state.hops) parts.push(`near=${state.hops}`);
  if (state.hidden.length) parts.push(`hide=${state.hidden.map(encodeURIComponent).join(",")}`);
  if (state.from !== null) parts.push(`from=${monthName(state.from)}`);
  if (state.to !== null) parts.push(`to=${monthName(state.to)}`);
  for (const facet of ["organisation", "task"]) {
    if (state[facet] !== null) parts.push(`${facet}=${encodeURIComponent(slugOf(model, state[facet]))}`);
  }
  if (state.view !== "map") parts.push(`view=${state.view}`);
  return parts.length ? `#${parts.join("&")}` : "";
}

function read(model, hash) {
  const state = { ...START, hidden: [] };
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    const [key, value] = [part.slice(0, at), decode(part.slice(at + 1))];
    if (key === "entity" || key === "paper") state.node = model.find(`${key}=${value}`) ?? null;
    else if (key === "path") {
      const ends = part
        .slice(at + 1)
        .split("..")
        .map((slug) => model.find(`entity=${decode(slug)}`));
      if (ends.length === 2 && ends.every((end) => end !== undefined)) state.path = ends;
    } else if (key === "near") state.hops = Math.min(Math.max(Number(value) || 0, 0), 2);
    else if (key === "hide") state.hidden = value.split(",");
    else if (key === "from" || key === "to")
      state[key] = /^\d{4}-\d\d/.test(value) ? monthNumber(value) : null;
    else if (key === "organisation" || key === "task") state[key] = model.find(`entity=${value}`) ?? null;
    else if (key === "view" && value === "table") state.view = value;
  }
  return state;
}

const slugOf = (model, node) => model.key(node).slice(model.key(node).indexOf("=") + 1);

const escapeValue = (key) => {
  const at = key.indexOf("=");
  return `${key.slice(0, at)}=${encodeURIComponent(key.slice(at + 1)).replaceAll("%2F", "/")}`;
};

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
