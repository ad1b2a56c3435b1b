// Labels that fit, the panel of the node that was clicked, and a first look that shows all of it.
(() => {
  const size = 13, family = '"DejaVu Sans", system-ui, sans-serif', box = document.getElementById("mynetwork");
  const shown = nodes.get().filter(n => !n.heading), headings = nodes.get().filter(n => n.heading);
  const byRank = [...shown].sort((a, b) => b.rank - a.rank || (a.id < b.id ? -1 : 1));
  const sections = new Map([...document.querySelectorAll("#panel section")].map(s => [s.dataset.node, s]));
  const layered = shown.some(n => n.beside);
  let selected = document.body.dataset.root, hovered = null;

  const colour = name => getComputedStyle(document.body).getPropertyValue(name).trim();

  function draw(context) {
    const scale = network.getScale(), unit = 1 / scale, taken = [], written = new Set();
    const px = layered ? Math.min(14, Math.max(10, size * scale)) : size;
    const hit = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
    const dots = shown.map(n => [n.x - n.size, n.y - n.size, n.x + n.size, n.y + n.size, n.id]);
    const from = network.DOMtoCanvas({x: 0, y: 0}), to = network.DOMtoCanvas({x: box.clientWidth, y: box.clientHeight});
    const inside = a => a[0] > from.x && a[2] < to.x && a[1] > from.y && a[3] < to.y;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.lineJoin = "round";
    const write = (text, area, ink) => {
      taken.push(area);
      written.add(text);
      context.lineWidth = 4 * unit;
      context.strokeStyle = colour("--back");
      context.strokeText(text, area[0], (area[1] + area[3]) / 2);
      context.fillStyle = ink;
      context.fillText(text, area[0], (area[1] + area[3]) / 2);
    };
    const half = px * 0.62 * unit;
    context.font = `700 ${px * unit}px ${family}`;
    for (const h of headings)
      write(h.heading, [h.x - 10, h.y - half, h.x - 10 + context.measureText(h.heading).width, h.y + half], colour("--soft"));
    const first = byRank.filter(n => n.id === selected || n.id === hovered);
    for (const n of [...first, ...byRank.filter(n => !first.includes(n))]) {
      const force = first.includes(n), gap = n.size + 4 * unit;
      if (!force && !layered && written.has(n.name)) continue;
      context.font = `${force ? 700 : 500} ${px * unit}px ${family}`;
      const width = context.measureText(n.name).width;
      const right = [n.x + gap, n.y - half, n.x + gap + width, n.y + half];
      const start = layered ? n.x - n.size : n.x - width / 2;
      const below = [start, n.y + gap, start + width, n.y + gap + 2 * half];
      const above = [n.x - width / 2, n.y - gap - 2 * half, n.x + width / 2, n.y - gap];
      const left = [n.x - gap - width, n.y - half, n.x - gap, n.y + half];
      const free = (n.beside ? [right] : layered ? [below] : [below, right, left, above]).find(area =>
        !taken.some(t => hit(t, area)) && (layered || (inside(area) && !dots.some(d => d[4] !== n.id && hit(d, area)))));
      if (free || force) write(n.name, free || (n.beside ? right : below), colour("--ink"));
    }
  }

  function fit() {
    const all = nodes.get(), wide = box.clientWidth, high = box.clientHeight;
    const context = document.createElement("canvas").getContext("2d");
    context.font = `600 ${size}px ${family}`;
    const right = Math.max(...all.map(n => n.x)), left = Math.min(...all.map(n => n.x));
    const top = Math.min(...all.map(n => n.y)), bottom = Math.max(...all.map(n => n.y));
    const label = layered ? Math.max(...all.filter(n => n.x > right - 1).map(n => context.measureText(n.name || "").width)) : 0;
    const across = (wide - label - 70) / (right - left || 1), down = (high - 70) / (bottom - top || 1);
    const readable = layered ? Math.max(Math.min(across, down), 10 / size) : Math.min(across, down);
    const scale = Math.min(Math.max(readable, 0.05), 1.4);
    const cut = layered && (down < readable || across < readable);
    const root = all.find(n => n.id === document.body.dataset.root);
    const middle = {x: (left + right) / 2 + label / 2 / scale, y: (top + bottom) / 2};
    // What does not fit opens with the root in sight, near the left edge.
    if (cut && across < readable) middle.x = root.x + (wide / 2 - 90) / scale;
    if (cut && down < readable) middle.y = root.y;
    network.moveTo({position: middle, scale, animation: false});
  }

  function select(id, focus) {
    const section = sections.get(id);
    if (!section) return;
    selected = id;
    sections.forEach((s, key) => { s.hidden = key !== id; });
    network.selectNodes([id]);
    network.redraw();
    document.getElementById("panel").scrollTop = 0;
    if (focus) section.querySelector("h2").focus();
  }

  network.on("afterDrawing", draw);
  network.on("click", event => { if (event.nodes.length) select(event.nodes[0], false); });
  network.on("hoverNode", event => { hovered = event.node; network.redraw(); });
  network.on("blurNode", () => { hovered = null; network.redraw(); });
  document.getElementById("panel").addEventListener("click", event => {
    const button = event.target.closest("button.go");
    if (button) select(button.dataset.go, true);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => network.redraw());
  addEventListener("resize", fit);
  fit();
  select(selected, false);
})();
