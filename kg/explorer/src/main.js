// The page from its data: reads it, puts the parts together, and lets each change of the choices reach all.

import { makeAbout, makePathDialog } from "./dialogs.js";
import { announce, download, h, memory, number } from "./dom.js";
import { embeddedSource } from "./embedded.js";
import { makeFacets } from "./facets.js";
import { listenToKeys, listenToMapKeys } from "./keyboard.js";
import { makePanel } from "./panel.js";
import { makeSearchbox } from "./searchbox.js";
import { select } from "./selection.js";
import { servedSource } from "./served.js";
import { makeStage } from "./stage.js";
import { keysIn, makeStore } from "./state.js";
import { makeTable } from "./table.js";
import { makeTheme } from "./theme.js";
import { makeTimeline } from "./timeline.js";

async function start() {
  const source = document.getElementById("data") ? embeddedSource() : servedSource();
  const model = await source.open();
  await source.need(keysIn(location.hash));
  for (const [k, { colour }] of model.classes.entries())
    document.documentElement.style.setProperty(`--c${k}`, colour);
  const store = makeStore(model, source);
  const theme = makeTheme(() => stage.repaint());
  const choose = (node) => store.set({ node, path: null, hops: 0 });
  const close = () => store.set({ node: null, path: null, hops: 0 });
  const view = (name) => store.set({ view: name });

  const searchbox = makeSearchbox(model, {
    id: "search",
    label: "Search names, aliases and titles",
    placeholder: "Search names, aliases, titles",
    search: (typed) => source.search(typed, 8, false),
    onChoose: choose,
  });
  const button = (id, words, title, onclick, more = {}) =>
    h("button", { id, type: "button", title, onclick, ...more }, words);
  const mapButton = button("show-map", "Map", "Map (t)", () => view("map"));
  const tableButton = button("show-table", "Table", "Table (t)", () => view("table"));
  const saveMenu = h(
    "details",
    { class: "menu" },
    h("summary", { title: "Save the picture" }, "Save"),
    h(
      "div",
      {},
      button("png", "PNG picture", "", () => save("png")),
      button("svg", "SVG picture", "", () => save("svg")),
    ),
  );
  const filters = h("aside", { id: "filters", "aria-label": "Filters" });
  const filterButton = button(
    "show-filters",
    "Filters",
    "Filters (f)",
    () => showFilters(!document.body.classList.contains("filtering")),
    { "aria-controls": "filters" },
  );
  const map = h("div", {
    id: "map",
    tabIndex: 0,
    role: "application",
    "aria-roledescription": "map",
    "aria-label":
      "Map of the graph. Arrow keys go from node to node, Enter opens one; the table shows the same.",
  });
  const notice = h("div", { id: "notice" });
  const table = h("div", { id: "table", hidden: true });
  const timeline = h("div", { id: "timeline", role: "group", "aria-label": "Time" });
  const panelBox = h("aside", { id: "panel", "aria-label": "Details" });
  document.body.append(
    h(
      "header",
      { id: "top" },
      h("h1", {}, source.home ? h("a", { href: source.home }, model.title) : model.title),
      searchbox.element,
      h(
        "div",
        { class: "bar" },
        filterButton,
        h("div", { class: "switch", role: "group", "aria-label": "View" }, mapButton, tableButton),
        button("path", "Path", "Path between two entities (p)", () => pathDialog.open(entityOrNull())),
        saveMenu,
        button("theme", "◐", "Dark or light", () => theme.toggle(), { "aria-label": "Dark or light" }),
        button("about", "?", "What am I looking at? (?)", () => about.open(), {
          "aria-label": "About this page",
        }),
      ),
    ),
    h("main", {}, filters, h("div", { id: "middle" }, map, notice, table, timeline), panelBox),
    h("p", { id: "announcer", class: "hidden", role: "status", "aria-live": "polite" }),
  );
  map.append(
    h(
      "div",
      { class: "zoom" },
      button("nearer", "+", "Nearer (+)", () => stage.view.zoom(1.6), { "aria-label": "Nearer" }),
      button("farther", "−", "Farther (−)", () => stage.view.zoom(1 / 1.6), { "aria-label": "Farther" }),
      button("whole", "⤢", "All (0)", () => stage.view.reset(), { "aria-label": "All in view" }),
    ),
  );

  const pathDialog = makePathDialog(model, source.search, (path) => store.set({ path, node: null, hops: 0 }));
  const about = makeAbout(model, source);
  const stage = makeStage(map, model, theme, {
    onSelect: (i) => (i === null ? close() : choose(i)),
    onDrawn: tellDrawn,
  });
  const panel = makePanel(model, {
    select: choose,
    close,
    near: (hops) => store.set({ hops }),
    pathFrom: (i) => pathDialog.open(i),
    state: store.get,
    page: source.page,
  });
  const facets = makeFacets(filters, model, {
    onChange: (change) => store.set(change, { history: "replace" }),
  });
  const times = makeTimeline(timeline, model, {
    onChange: (from, to) => store.set({ from, to }, { history: "replace" }),
  });
  const rows = makeTable(table, model, { onSelect: choose });

  listenToKeys({
    "/": () => searchbox.input.focus(),
    Escape: () => (document.body.classList.contains("filtering") ? showFilters(false) : close()),
    t: () => view(store.get().view === "map" ? "table" : "map"),
    p: () => pathDialog.open(entityOrNull()),
    f: () => showFilters(!document.body.classList.contains("filtering")),
    "?": () => about.open(),
  });
  listenToMapKeys(map, stage, choose);
  document.addEventListener("click", (event) => {
    if (!saveMenu.contains(event.target) || event.target.closest("button")) saveMenu.open = false;
  });

  function entityOrNull() {
    const { node } = store.get();
    return node === null || model.isPaper(node) ? null : node;
  }

  function showFilters(open) {
    document.body.classList.toggle("filtering", open);
    filterButton.setAttribute("aria-expanded", String(open));
    if (open) filters.querySelector("button").focus();
  }

  async function save(kind) {
    download(`abstractkg.${kind}`, await stage[kind]());
    announce(`Saved a ${kind.toUpperCase()} picture`);
  }

  function tellDrawn(drawn, kept) {
    notice.replaceChildren(
      ...(kept === 0
        ? [
            h(
              "p",
              {},
              "Nothing fits these choices. ",
              button("widen", "Clear all filters", "", () =>
                store.set({ hidden: [], from: null, to: null, organisation: null, task: null, hops: 0 }),
              ),
            ),
          ]
        : drawn < kept
          ? [
              h(
                "p",
                {},
                `The strongest ${number(drawn)} of ${number(kept)} are drawn. `,
                button("all", "Draw all", "", () => stage.drawAll()),
              ),
            ]
          : []),
    );
    if (stage.name === "canvas")
      notice.append(h("p", {}, "This browser has no WebGL: a simpler map. The table has everything."));
  }

  function fill(state, steps) {
    const content = state.path
      ? panel.path(state.path, steps)
      : state.node === null
        ? panel.start()
        : model.isPaper(state.node)
          ? panel.paper(state.node)
          : panel.entity(state.node);
    panelBox.replaceChildren(...content.flat(Infinity).filter((part) => part));
    panelBox.scrollTop = 0;
    document.body.classList.toggle("open", state.node !== null || state.path !== null);
    document.title = state.node === null ? model.title : `${model.label(state.node)} · ${model.title}`;
  }

  let [turn, drawn] = [0, null];

  /** Show a state: at once where all of it is here, else when it has come and nothing else was chosen since. */
  function update(state) {
    const loading = source.load(state);
    turn += 1;
    document.body.classList.toggle("loading", loading !== null);
    if (loading === null) return draw(state, []);
    const mine = turn;
    return loading.then(
      (nodes) => mine === turn && draw(state, nodes),
      (error) => mine === turn && tellFailed(state, error),
    );
  }

  function tellFailed(state, error) {
    document.body.classList.remove("loading");
    panelBox.replaceChildren(
      h("h2", { tabIndex: -1 }, "The server did not answer"),
      h("p", { role: "alert" }, error.message),
      button("again", "Try again", "", () => update(state)),
    );
  }

  function draw(state, nodes) {
    const old = drawn;
    drawn = state;
    document.body.classList.remove("loading");
    model.show(nodes);
    const kept = select(model, state);
    const steps = state.path ? source.path(state, kept) : null;
    const isMap = state.view === "map";
    map.hidden = !isMap;
    table.hidden = isMap;
    notice.hidden = !isMap;
    mapButton.setAttribute("aria-pressed", String(isMap));
    tableButton.setAttribute("aria-pressed", String(!isMap));
    if (isMap) stage.show(state, kept, steps ?? []);
    else rows.show(kept, paperTest(state));
    facets.show(state, kept);
    times.show(state);
    const turned = !old || old.node !== state.node || old.path !== state.path || old.hops !== state.hops;
    if (turned) fill(state, steps);
    if (turned && old) {
      if (state.node !== null) announce(`${model.label(state.node)}, ${model.typeName(state.node)}`);
      if (state.node !== null && !map.contains(document.activeElement))
        panelBox.querySelector("h2").focus({ preventScroll: true });
    }
  }

  // Whether a paper counts under the choices, whatever types are hidden.
  function paperTest(state) {
    const kept = select(model, { ...state, hidden: [], hops: 0 });
    return (i) => kept[i] === 1;
  }

  store.listen(update);
  await update(store.get());
  hint();

  /** What one looks at, until it was read or something was chosen. */
  function hint() {
    if (memory.get("hint") === "seen" || !model.count) return;
    const dismiss = () => {
      memory.set("hint", "seen");
      box.remove();
    };
    const box = h(
      "div",
      { id: "hint", role: "note" },
      h("strong", {}, "A map of what papers name."),
      h(
        "p",
        {},
        "Large dots are named often, tinted regions are communities. Click a dot, or search, to see its papers and the evidence.",
      ),
      button("hint-close", "Got it", "", dismiss),
    );
    map.append(box);
    store.listen((state) => state.node !== null && dismiss());
  }

  document.documentElement.dataset.ready = "true";
  window.abstractkg = { model, store, stage };
}

start();
