// What lies under and over the nodes: tinted clouds of communities with captions, labels, rings.

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const HUES = [210, 28, 150, 330, 265, 50, 185, 5, 95, 300];
const NAMED_FIRST = new Map([
  ["Method", 1],
  ["Model", 1],
  ["Benchmark", 1],
  ["Organization", 0.7],
  ["Task", 0.35],
  ["Concept", 0.3],
]);

/** Order in which nodes get their labels: the most connected methods, models and benchmarks first. */
export function labelOrder(model, nodes) {
  const weight = (i) =>
    (model.isPaper(i) ? 0.02 : (NAMED_FIRST.get(model.className(i)) ?? 0.15)) * model.degree(i);
  return nodes
    .map((i) => [weight(i), i])
    .sort(([m, a], [n, b]) => n - m || a - b)
    .map(([, i]) => i);
}

/**
 * Radius of a node in pixels when all is in view; `crowd` nodes share a picture of `across` pixels. Degrees
 * are larger in larger graphs, the largest dot is not.
 */
export function radius(model, i, crowd, across) {
  const room = Math.min(Math.sqrt(1000 / crowd), 1.15) * Math.min(Math.max(across / 660, 0.6), 1.15);
  if (model.isPaper(i)) return Math.max(2 * room, 1);
  const share = Math.sqrt(model.degree(i) / Math.max(model.strongest, 40));
  const weight = NAMED_FIRST.get(model.className(i)) === 1 ? 1 : 0.75;
  return Math.max(2.1 * room, 1.2) + 11 * Math.max(Math.min(room, 1), 0.55) * share * weight;
}

/** Communities worth a cloud: hull in the drawing's coordinates, caption, hue. */
export function makeClouds(model, nodes, place) {
  const members = new Map();
  for (const i of nodes) {
    const group = model.group[i];
    if (!members.has(group)) members.set(group, []);
    members.get(group).push(i);
  }
  const least = Math.max(10, nodes.length / 90);
  const large = [...members]
    .filter(([, all]) => all.length >= least)
    .sort(([a], [b]) => a - b)
    .slice(0, 28);
  const taken = new Set();
  return large.map(([group, all]) => {
    const best = captionOf(model, all, taken);
    if (best !== null) taken.add(best);
    return {
      hue: HUES[group % HUES.length],
      caption: best === null ? "" : model.label(best),
      hull: hull(core(all.map(place))),
    };
  });
}

/** The task or concept that says best what a community is about: frequent inside, rare outside. */
function captionOf(model, members, taken) {
  const inside = new Set(members);
  let [best, most] = [null, 0];
  for (const i of members) {
    if (!["Task", "Concept"].includes(model.className(i)) || taken.has(i)) continue;
    const papers = model.papersNaming(i);
    let own = 0;
    for (const paper of papers) if (inside.has(paper)) own += 1;
    const score = (own * own) / (papers.size + 1);
    if (score > most) [best, most] = [i, score];
  }
  return best;
}

/** Points without the twentieth that lies farthest out. */
function core(points) {
  const middle = [0, 1].map((d) => points.reduce((sum, p) => sum + p[d], 0) / points.length);
  const away = (p) => Math.hypot(p[0] - middle[0], p[1] - middle[1]);
  return [...points].sort((a, b) => away(a) - away(b)).slice(0, Math.ceil(points.length * 0.95));
}

/** Convex hull by Andrew's monotone chain (1979). */
function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (all) => {
    const out = [];
    for (const p of all) {
      while (out.length > 1 && cross(out.at(-2), out.at(-1), p) <= 0) out.pop();
      out.push(p);
    }
    return out.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

const cross = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);

/**
 * Lay out one picture: everything in pixels, nothing drawn yet, so that the screen, PNG and SVG agree.
 *
 * `nodes` and `edges` are those of the view, `view` turns coordinates into pixels, `order` is the order of
 * labels, `marked` the nodes that need one in any case; `near` says that papers are labelled too.
 */
export function layOut({
  model,
  view,
  nodes,
  edges,
  clouds,
  order,
  marked,
  selected,
  hovered,
  faded,
  near,
  width,
  height,
  drawing,
}) {
  const at = new Map();
  for (const node of nodes) {
    const { x, y } = view.toScreen(node.x, node.y);
    if (x > -40 && y > -40 && x < width + 40 && y < height + 40)
      at.set(node.i, { x, y, r: view.scaleSize(node.size) });
  }
  const boxes = makeBoxes();
  const captions = [];
  const shapes = clouds.map(({ hue, hull: points, caption }) => {
    const outline = points.map(([x, y]) => view.toScreen(x, y));
    const xs = outline.map((p) => p.x);
    const span = Math.max(...xs) - Math.min(...xs);
    const [x, y] = [(Math.max(...xs) + Math.min(...xs)) / 2, Math.min(...outline.map((p) => p.y)) - 6];
    if (caption && span > 70 && view.ratio() > 0.25 && !faded) {
      const text = shorten(caption, 34);
      const size = 12;
      const wide = measure(text, size, 650) * 1.04;
      const left = Math.min(Math.max(x - wide / 2, 4), width - wide - 4);
      const box = [left, y - size, left + wide, y + 4];
      if (y > size && y < height && boxes.free(box)) {
        boxes.add(box);
        captions.push({ text, x: left, y, size });
      }
    }
    return { outline, colour: drawing.cloud(hue) };
  });
  const labels = [];
  const most = Math.round(Math.min(Math.max((width * height) / 11000, 14), 110));
  const first = [...new Set([selected, hovered, ...marked])].filter((i) => at.has(i));
  const rest = faded ? [] : order;
  let tried = 0;
  for (const [rank, i] of [...first, ...rest].entries()) {
    if (labels.length >= most || tried > 1500) break;
    const place = at.get(i);
    if (!place || (rank >= first.length && first.includes(i))) continue;
    const must = i === selected || i === hovered;
    if (!must && !near && model.isPaper(i) && rank >= first.length && place.r < 4) continue;
    tried += 1;
    const label = fitLabel(model, i, place, boxes, must, width, height);
    if (label) labels.push(label);
  }
  return { width, height, at, nodes, edges, shapes, captions, labels, selected, hovered, drawing };
}

function fitLabel(model, i, { x, y, r }, boxes, must, width, height) {
  const size = model.isPaper(i) ? 11 : Math.min(11 + r * 0.35, 15);
  const weight = must || r > 7 ? 600 : 450;
  const text = shorten(model.label(i), must ? 60 : 30);
  const wide = measure(text, size, weight);
  const places = [
    [x + r + 4, y + size * 0.36],
    [x - r - 4 - wide, y + size * 0.36],
    [x - wide / 2, y - r - 5],
    [x - wide / 2, y + r + size + 2],
  ];
  for (const [left, base] of places) {
    const box = [left - 2, base - size, left + wide + 2, base + 4];
    const inside = box[0] >= 0 && box[2] <= width && box[1] >= 0 && box[3] <= height;
    if (inside && boxes.free(box)) {
      boxes.add(box);
      return { i, text, x: left, y: base, size, weight };
    }
  }
  if (!must) return null;
  const left = Math.min(Math.max(places[0][0], 2), Math.max(width - wide - 2, 2));
  return { i, text, x: left, y: places[0][1], size, weight };
}

/** Boxes that are taken, found through a coarse grid. */
function makeBoxes() {
  const grid = new Map();
  const cells = function* ([left, top, right, bottom]) {
    for (let x = Math.floor(left / 80); x <= Math.floor(right / 80); x += 1) {
      for (let y = Math.floor(top / 40); y <= Math.floor(bottom / 40); y += 1) yield `${x},${y}`;
    }
  };
  return {
    free(box) {
      for (const cell of cells(box)) {
        for (const [left, top, right, bottom] of grid.get(cell) ?? []) {
          if (left < box[2] && right > box[0] && top < box[3] && bottom > box[1]) return false;
        }
      }
      return true;
    },
    add(box) {
      for (const cell of cells(box)) grid.set(cell, [...(grid.get(cell) ?? []), box]);
    },
  };
}

/** Cut a text after so many characters. */
export function shorten(text, length) {
  const points = Array.from(text.replace(/\s+/g, " "));
  return points.length <= length
    ? points.join("")
    : `${points
        .slice(0, length - 1)
        .join("")
        .trimEnd()}…`;
}

const ruler = document.createElement("canvas").getContext("2d");
const widths = new Map();

function measure(text, size, weight) {
  const key = `${weight} ${text}`;
  if (!widths.has(key)) {
    ruler.font = `${weight} 100px ${FONT}`;
    widths.set(key, ruler.measureText(text).width / 100);
  }
  return widths.get(key) * size;
}

export const font = (size, weight) => `${weight} ${size}px ${FONT}`;
export { FONT };
