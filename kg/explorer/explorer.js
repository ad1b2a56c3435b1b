// The page around pyvis' network (its globals: network, nodes, edges). No text from the data is parsed as HTML.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("kg-data").textContent);
  const $ = (id) => document.getElementById(id);
  const [panel, search, hits, box] = [$("kg-panel"), $("kg-search"), $("kg-hits"), $("mynetwork")];
  const byId = new Map(data.nodes.map((node) => [node.id, node]));
  const look = new Map(data.classes.map((entry) => [entry.class, entry]));
  const edgesOf = new Map(data.nodes.map((node) => [node.id, []]));
  for (const edge of data.edges) for (const end of new Set([edge.source, edge.target])) edgesOf.get(end).push(edge);
  const hidden = new Set(), visible = (node) => !hidden.has(node.class), isPaper = (node) => node.class === "Paper";
  const ranked = [...data.nodes].sort((a, b) => b.size - a.size || b.degree - a.degree || (a.id < b.id ? -1 : 1));
  const strong = new Set(ranked.filter((node) => node.papers > 1).concat(ranked.filter(isPaper).slice(0, 20)));
  let selected = null, near = new Set(), over = null, boxes = [], whole = 1;
  const cut = (text, length) => (text.length > length ? [...text].slice(0, length - 1).join("") + "…" : text);
  const el = (tag, props, ...children) => {
    const made = Object.assign(document.createElement(tag), props);
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };
  const text = (tag, className, content) => el(tag, { className, textContent: content, dir: "auto" });
  const swatch = (name) => {
    const mark = el("span", { className: "swatch " + look.get(name).shape, ariaHidden: "true" });
    mark.style.background = look.get(name).colour;
    return mark;
  };
  const go = (node) => Object.assign(text("button", "go", cut(node.label, 220)), { onclick: () => select(node.id, true) });
  const named = (node, note) => el("div", {}, swatch(node.class), " ", go(node), text("span", "soft", note));
  // ---- The panel
  const words = (edge, id) => data.relations[edge.relation][edge.source === id ? 0 : 1];
  const other = (edge, id) => byId.get(edge.source === id ? edge.target : edge.source);
  const quote = ({ sentence = "", text: name }) => {
    const [before, ...after] = sentence.includes(name) ? sentence.split(name) : ["", ""];
    return el("blockquote", { dir: "auto" }, before, el("mark", { textContent: name }), after.join(name));
  };
  const evidence = (edges, withPaper) => {
    const pieces = edges.flatMap((edge) => edge.evidence), paper = (piece) => byId.get("paper:" + piece.paper);
    return !pieces.length ? null : el("details", {}, text("summary", "", `Evidence (${pieces.length})`),
      ...pieces.slice(0, 40).map((piece) => el("div", {}, quote(piece), withPaper && paper(piece) ? go(paper(piece)) : null,
        text("span", "soft", ` ${piece.field}, characters ${piece.start} to ${piece.end}`))));
  };
  const section = (title, items) => (items.length ? [text("h3", "", title), el("ul", {}, ...items)] : []);
  function papersOf(node) {
    const own = edgesOf.get(node.id).map((edge) => [byId.get(edge.source), edge]).filter(([paper]) => isPaper(paper));
    const found = Map.groupBy(own, ([paper]) => paper);
    const newest = ([a], [b]) => (b.published ?? "").localeCompare(a.published ?? "");
    return section("Papers, newest first", [...found].sort(newest)
      .map(([paper, rows]) => [paper, rows.map(([, edge]) => edge)]).map(([paper, edges]) => el("li", {}, go(paper), text("div", "soft",
        [paper.published, ...edges.map((edge) => words(edge, paper.id))].filter(Boolean).join(" · ")), evidence(edges))));
  }
  function relationsOf(node) {
    const groups = new Map(Object.values(data.relations).flat().map((name) => [name, []]));
    for (const edge of edgesOf.get(node.id)) {
      if (isPaper(node) || !isPaper(byId.get(edge.source))) groups.get(words(edge, node.id)).push(edge);
    }
    return [...groups].flatMap(([name, edges]) => section(name[0].toUpperCase() + name.slice(1), edges
      .sort((a, b) => b.weight - a.weight || other(b, node.id).degree - other(a, node.id).degree)
      .map((edge) => el("li", {}, named(other(edge, node.id), edge.weight > 1 ? ` ${edge.weight} papers` : ""),
        evidence([edge], !isPaper(node))))));
  }
  function showNode(node) {
    const count = (number, one) => number && `${number} ${one}${number > 1 ? "s" : ""}`;
    const facts = [node.class, node.kind, node.published, count(node.num_authors, "author"), count(node.papers, "paper")];
    panel.replaceChildren(
      el("button", { id: "kg-close", ariaLabel: "Close", title: "Close (Escape)", textContent: "×", onclick: clear }),
      el("p", { className: "soft" }, swatch(node.class), " " + facts.filter(Boolean).join(" · ")), text("h2", "", node.label),
      node.url ? el("p", {}, el("a", { href: node.url, target: "_blank", rel: "noopener", textContent: "Read on arXiv" })) : "",
      node.aliases ? text("p", "soft long", "Also written: " + node.aliases.join(", ")) : "",
      ...(isPaper(node) ? [] : papersOf(node)), ...relationsOf(node), text("p", "soft", node.iri));
    Object.assign(panel, { className: "", scrollTop: 0 });
  }
  function showStart() {
    const best = (name) => ranked.filter((node) => node.class === name && node.papers > 1)
      .sort((a, b) => b.papers - a.papers).slice(0, 6).map((node) => el("li", {}, named(node, ` ${node.papers} papers`)));
    panel.replaceChildren(text("h2", "", "Start here"),
      text("p", "soft", "Pick a name, search, or click a node. Zoom in for more names; Escape goes back."),
      ...data.classes.flatMap((entry) => section(`${entry.class}, by number of papers`, best(entry.class))));
    panel.className = "start";
  }
  // ---- Choosing a node
  const fromHash = () => select([...new URLSearchParams(location.hash.slice(1))][0]?.join(":"), true);
  function show(node, links, hash) {
    [selected, near] = [node, links];
    try { // a page framed in a notebook has no address of its own
      if (location.hash !== hash) history.pushState(null, "", hash || location.pathname + location.search);
    } catch { /* then there is no deep link */ }
    network.setSize("100%", "100%"); // the panel may have taken or given room
    network.redraw();
  }
  function select(id, travel) {
    const node = byId.get(id);
    if (!node) return false;
    if (!visible(node)) toggle(node.class);
    closeHits();
    showNode(node);
    show(node, new Set(edgesOf.get(id).map((edge) => other(edge, id)).concat(node)),
      "#" + new URLSearchParams([id.split(/:(.*)/s, 2)]));
    const move = !matchMedia("(prefers-reduced-motion: reduce)").matches && { duration: 350, easingFunction: "easeInOutQuad" };
    if (travel) network.fit({ nodes: [...near].filter(visible).map((each) => each.id), maxZoomLevel: 1.6, animation: move });
    return true;
  }
  function clear() { showStart(); show(null, new Set(), ""); }
  function nodeAt(pointer) {
    const at = network.DOMtoCanvas(pointer), gap = (node) => Math.hypot(node.x - at.x, node.y - at.y) - node.size;
    const best = data.nodes.filter(visible).reduce((a, b) => (a && gap(a) <= gap(b) ? a : b), null);
    if (best && gap(best) < 8 / network.getScale()) return best;
    const inside = (b) => pointer.x > b.left && pointer.x < b.right && pointer.y > b.top && pointer.y < b.bottom;
    return boxes.find(inside)?.node ?? null;
  }
  // ---- Search
  const fold = (name) => name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const keys = ranked.map((node) => [node, [node.label, ...(node.aliases ?? []), node.id.replace(/^\w+:/, "")].map(fold)]);
  const rank = (names, wanted) => Math.min(...names.map((name) => (name === wanted ? 0 : name.startsWith(wanted) ? 1
    : /[\s\-:(]$/.test(name.split(wanted, 1)[0]) ? 2 : name.includes(wanted) ? 3 : 9)));
  const closeHits = () => { hits.hidden = true; search.ariaExpanded = "false"; };
  function mark(index) {
    [...hits.children].forEach((item, i) => { item.ariaSelected = String(i === index); });
    search.setAttribute("aria-activedescendant", hits.children[index].id);
    hits.children[index].scrollIntoView({ block: "nearest" });
  }
  search.oninput = () => {
    const wanted = fold(search.value.trim());
    const found = keys.map(([node, names]) => [node, rank(names, wanted)]).filter(([, at]) => at < 9);
    hits.replaceChildren(...found.sort((a, b) => a[1] - b[1]).slice(0, 12).map(([node], i) =>
      el("li", { id: `kg-hit-${i}`, role: "option", onclick: () => select(node.id, true) },
        swatch(node.class), text("span", "name", cut(node.label, 90)), text("small", "soft", node.class))));
    if (!found.length) hits.append(text("li", "soft", "Nothing has this name"));
    hits.hidden = !wanted;
    search.ariaExpanded = String(!hits.hidden);
    mark(0);
  };
  search.onkeydown = (event) => {
    const at = [...hits.children].findIndex((item) => item.ariaSelected === "true");
    if (event.key === "Enter" && !hits.hidden) hits.children[at].click();
    else if (event.key === "ArrowUp") mark(Math.max(at - 1, 0));
    else if (event.key === "ArrowDown" && !hits.hidden) mark(Math.min(at + 1, hits.children.length - 1));
  };
  // ---- Legend and drawing
  const buttons = new Map(data.classes.map(({ class: name, count }) => [name, el("button", { ariaPressed: "true",
    onclick: () => toggle(name) }, swatch(name), name, text("small", "", String(count)))]));
  function toggle(name) {
    if (!hidden.delete(name)) hidden.add(name);
    buttons.get(name).ariaPressed = String(!hidden.has(name));
    const off = (id) => !visible(byId.get(id));
    nodes.update(data.nodes.filter((node) => node.class === name).map(({ id }) => ({ id, hidden: off(id) })));
    edges.update(edges.get().map(({ id, from, to }) => ({ id, hidden: off(from) || off(to) })));
  }
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name);
  function draw(ctx) {
    const { clientWidth: width, clientHeight: height } = box, scale = network.getScale(), view = network.getViewPosition();
    const ofGraph = ctx.getTransform(), ofPage = new DOMMatrix().scale(ctx.canvas.width / width);
    if (selected) { // a veil over everything, then what is near once more
      ctx.setTransform(ofPage);
      Object.assign(ctx, { globalAlpha: 0.88, fillStyle: ink("back") }).fillRect(0, 0, width, height);
      Object.assign(ctx, { globalAlpha: 1 }).setTransform(ofGraph);
      ctx.beginPath();
      const shown = [...near].filter(visible);
      for (const { x, y } of shown) { ctx.moveTo(selected.x, selected.y); ctx.lineTo(x, y); }
      Object.assign(ctx, { lineWidth: 1.2 / scale, strokeStyle: ink("edge") }).stroke();
      for (const node of shown) network.body.nodes[node.id].draw(ctx);
      ctx.beginPath();
      ctx.arc(selected.x, selected.y, selected.size + 4 / scale, 0, 7);
      Object.assign(ctx, { lineWidth: 1.5 / scale, strokeStyle: ink("ink") }).stroke();
    }
    ctx.setTransform(ofPage);
    Object.assign(ctx, { textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3.5,
      strokeStyle: ink("back"), fillStyle: ink("ink") });
    boxes = [];
    const first = [over, selected].filter(Boolean), all = scale < whole * 1.8 ? [...strong] : ranked;
    for (const node of new Set([...first, ...(selected ? ranked.filter((each) => near.has(each)) : all)])) {
      const x = (node.x - view.x) * scale + width / 2, y = (node.y - view.y + node.size) * scale + height / 2 + 9;
      if (!visible(node) || x < 0 || x > width || y < 0 || y > height || boxes.length > 140) continue;
      const label = cut(node.label, first.includes(node) ? 46 : 34);
      ctx.font = `${node === selected || node.size > 20 ? "600 13px" : "12px"} ${getComputedStyle(box).fontFamily}`;
      const half = ctx.measureText(label).width / 2 + 3, [left, right, top, bottom] = [x - half, x + half, y - 8, y + 8];
      if (boxes.some((b) => left < b.right && right > b.left && top < b.bottom && bottom > b.top)) continue;
      boxes.push({ node, left, right, top, bottom });
      for (const method of ["strokeText", "fillText"]) ctx[method](label, x, y);
    }
  }
  // ---- Start
  $("kg-legend").append(...buttons.values());
  matchMedia("(prefers-color-scheme: dark)").onchange = () => network.redraw();
  network.on("afterDrawing", draw);
  network.on("click", ({ pointer }) => select(nodeAt(pointer.DOM)?.id, false) || clear());
  box.onmousemove = ({ clientX, clientY }) => {
    const at = box.getBoundingClientRect(), found = nodeAt({ x: clientX - at.left, y: clientY - at.top });
    box.classList.toggle("over", found !== null);
    if (found !== over) { over = found; network.redraw(); }
  };
  onkeydown = ({ key }) => { if (key === "Escape") { search.value = ""; closeHits(); clear(); } };
  onclick = ({ target }) => { if (!$("kg-find").contains(target)) closeHits(); };
  onpopstate = () => fromHash() || clear();
  showStart();
  network.fit({ animation: false });
  whole = network.getScale();
  fromHash();
  window.kg = { network, data, select: (id) => select(id, true) };
})();
