// The map: which nodes are drawn, where and in which colours, and what happens when one points at them.

import { makeCanvasView } from "./canvas-view.js";
import { announce, h } from "./dom.js";
import { paintClouds, paintLabels, toPng, toSvg } from "./paint.js";
import { radialPlaces } from "./radial.js";
import { labelOrder, layOut, makeClouds, radius } from "./scene.js";
import { neighbourhood, strongest } from "./selection.js";
import { hasWebGL, makeWebGLView } from "./webgl-view.js";

/** How many nodes and edges are drawn at first; the rest comes on demand. */
const CAP = { webgl: 2600, canvas: 500 };
const EDGE_CAP = { webgl: 4000, canvas: 900, all: 20000 };

export function makeStage(container, model, theme, { onSelect, onDrawn }) {
  const under = h("canvas", { class: "layer", "aria-hidden": "true" });
  const middle = h("div", { class: "layer" });
  const over = h("canvas", { class: "layer through", "aria-hidden": "true" });
  container.append(under, middle, over);
  const make = hasWebGL() ? makeWebGLView : makeCanvasView;
  const view = make(middle, {
    onMove: () => drawOver(),
    onClick: (x, y) => onSelect(nodeAt(x, y)),
    onHover: (x, y) => hover(nodeAt(x, y)),
  });

  // A few outliers would make the rest small.
  const atFirst = [...model.shown.keys()].filter((i) => model.shown[i]);
  const [left, right] = middleOf(atFirst.map((i) => model.x[i]));
  const [top, bottom] = middleOf(atFirst.map((i) => model.y[i]));
  const whole = { left, right, top, bottom };

  let state = null;
  let kept = new Uint8Array(model.count);
  let path = [];
  let everything = false;
  let [nodes, edges, clouds, order, marked] = [[], [], [], [], []];
  let [hovered, scene, faded] = [null, null, false];

  /** Draw what `newKept` allows; `steps` is a path to point out. */
  function show(newState, newKept, steps) {
    const before = state;
    [state, kept, path] = [newState, newKept, steps];
    const near = isNear();
    const emphasised = emphasis();
    const always = [...emphasised].filter((i) => kept[i] || i === state.node || inPath(i));
    const cap = everything ? Infinity : CAP[view.name];
    const drawn = strongest(model, kept, cap, always.slice(0, 400));
    const shown = new Set([...drawn, ...always]);
    const ringed = near ? radialPlaces(model, neighbourhood(model, state.node, state.hops, kept)) : null;
    const place = (i) => ringed?.get(i) ?? [model.x[i], model.y[i]];
    const across = Math.min(container.clientWidth, container.clientHeight);
    nodes = [...shown].map((i) => {
      const [x, y] = place(i);
      return { i, x, y, size: radius(model, i, shown.size, across) };
    });
    edges = drawnEdges(shown);
    clouds = near ? [] : makeClouds(model, drawn, place);
    order = labelOrder(model, [...shown]);
    colour(emphasised);
    const box = near ? boxOf([...shown], place, 60) : whole;
    view.show(nodes, edges, box);
    const moved =
      !before || before.node !== state.node || before.hops !== state.hops || before.path !== state.path;
    if (moved) lookAt(near, place);
    onDrawn(
      drawn.length,
      kept.reduce((sum, value) => sum + value, 0),
    );
  }

  function lookAt(near, place) {
    if (near) view.reset();
    else if (path.length) view.fit(boxOf(pathNodes(), place, 150), 0.15);
    else if (state.node !== null) view.fit(boxOf([state.node, ...companionsOf(state.node)], place, 120), 0.3);
    else view.reset();
  }

  const isNear = () => state !== null && state.node !== null && state.hops > 0;
  const pathNodes = () => (path.length ? [path[0].from, ...path.map((step) => step.to)] : []);
  const inPath = (i) => pathNodes().includes(i);

  /** The nodes that the choice points out: a path, or a node and those around it. */
  function emphasis() {
    if (path.length) return new Set(pathNodes());
    if (state.node === null) return new Set();
    return new Set([state.node, ...companionsOf(state.node, 220)]);
  }

  function companionsOf(node, most = 30) {
    const found = new Set();
    for (const e of model.edgesOf(node)) {
      const other = model.other(e, node);
      if (kept[other]) found.add(other);
    }
    return [...found].sort((a, b) => a - b).slice(0, most);
  }

  /** Edges between drawn nodes, the most telling first: those of the choice, inside a community, between entities, the surest. */
  function drawnEdges(shown) {
    const own = new Set(path.map((step) => step.edge));
    const found = [];
    const seen = new Set();
    for (let e = 0; e < model.edgeCount; e += 1) {
      const [a, b] = [model.source[e], model.target[e]];
      if (!shown.has(a) || !shown.has(b) || a === b) continue;
      const pair = a < b ? a * model.count + b : b * model.count + a;
      if (seen.has(pair) && !own.has(e)) continue;
      seen.add(pair);
      const chosen = own.has(e) || a === state.node || b === state.node;
      found.push({
        e,
        a,
        b,
        rank:
          (chosen ? 1e6 : 0) +
          (model.group[a] === model.group[b] ? 1e4 : 0) +
          (model.isPaper(a) ? 0 : 5e3) +
          model.confidence[e],
      });
    }
    const cap = everything ? EDGE_CAP.all : EDGE_CAP[view.name];
    if (found.length > cap) found.sort((one, two) => two.rank - one.rank || one.e - two.e).splice(cap);
    return found;
  }

  function colour(emphasised) {
    const drawing = theme.drawing();
    const near = isNear();
    faded = emphasised.size > 0 && !near;
    const own = new Set(path.map((step) => step.edge));
    const strong = pathNodes();
    marked = faded ? [...strong, ...labelOrder(model, [...emphasised])].slice(0, 60) : [];
    for (const node of nodes) {
      const bright = !faded || emphasised.has(node.i);
      const paint = model.isPaper(node.i) ? drawing.paper : model.classes[model.classOf[node.i]].colour;
      node.colour = bright ? paint : drawing.faded;
      node.z = bright ? (model.isPaper(node.i) ? 1 : 2) : 0;
    }
    for (const edge of edges) {
      const related = !model.isPaper(edge.a);
      const chosen = path.length ? own.has(edge.e) : edge.a === state.node || edge.b === state.node;
      if (chosen) [edge.colour, edge.z] = [path.length ? drawing.accent : drawing.strong, 3];
      else if (faded) [edge.colour, edge.z] = [drawing.dim, 0];
      else if (!near && model.group[edge.a] !== model.group[edge.b])
        [edge.colour, edge.z] = [drawing.between, 0];
      else [edge.colour, edge.z] = related ? [drawing.relation, 2] : [drawing.edge, 1];
    }
  }

  function boxOf(chosen, place, margin) {
    const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
    const add = (x, y) => {
      box.left = Math.min(box.left, x - margin);
      box.right = Math.max(box.right, x + margin);
      box.top = Math.min(box.top, y - margin);
      box.bottom = Math.max(box.bottom, y + margin);
    };
    for (const i of chosen) add(...place(i));
    return box.left === Infinity ? { left: -1, right: 1, top: -1, bottom: 1 } : box;
  }

  function picture() {
    const [width, height] = [container.clientWidth, container.clientHeight];
    return layOut({
      model,
      view,
      nodes,
      edges,
      clouds: faded ? [] : clouds,
      order,
      marked,
      hovered,
      faded,
      near: isNear(),
      width,
      height,
      selected: state?.node,
      drawing: theme.drawing(),
    });
  }

  function drawOver() {
    if (!state) return;
    scene = picture();
    for (const [canvas, paint] of [
      [under, paintClouds],
      [over, paintLabels],
    ]) {
      const dots = devicePixelRatio || 1;
      const [width, height] = [Math.round(scene.width * dots), Math.round(scene.height * dots)];
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      const context = canvas.getContext("2d");
      context.setTransform(dots, 0, 0, dots, 0, 0);
      context.clearRect(0, 0, scene.width, scene.height);
      paint(context, scene);
    }
  }

  function nodeAt(x, y) {
    let [best, least] = [null, Infinity];
    for (const [i, place] of scene?.at ?? []) {
      const away = Math.hypot(place.x - x, place.y - y) - place.r;
      // Labels are targets too, but a node under the pointer wins.
      if (away < 6 && away < least) [best, least] = [i, away];
    }
    if (best !== null) return best;
    const label = scene?.labels.find(
      (l) => x >= l.x && y <= l.y + 4 && y >= l.y - l.size && x <= l.x + l.text.length * l.size * 0.6,
    );
    return label ? label.i : null;
  }

  function hover(i) {
    if (i === hovered) return;
    hovered = i;
    middle.style.cursor = i === null ? "grab" : "pointer";
    drawOver();
  }

  /** Move the pointer of the keyboard to the nearest drawn node in a direction. */
  function step(dx, dy) {
    const from = scene.at.get(hovered) ??
      scene.at.get(state.node) ?? { x: scene.width / 2, y: scene.height / 2 };
    let [best, least] = [null, Infinity];
    for (const [i, place] of scene.at) {
      const [along, across] = [
        (place.x - from.x) * dx + (place.y - from.y) * dy,
        Math.abs((place.x - from.x) * dy - (place.y - from.y) * dx),
      ];
      const inside = place.x > 0 && place.y > 0 && place.x < scene.width && place.y < scene.height;
      if (i === hovered || along <= 1 || !inside) continue;
      const cost = along + 2.5 * across + (model.isPaper(i) ? 60 : 0);
      if (cost < least) [best, least] = [i, cost];
    }
    if (best === null) return view.pan(dx * 0.15, -dy * 0.15);
    hover(best);
    return announce(`${model.label(best)}, ${model.typeName(best)}`);
  }

  new ResizeObserver(() => {
    view.resize();
    drawOver();
  }).observe(container);

  return {
    show,
    step,
    view,
    name: view.name,
    hovered: () => hovered,
    drawAll() {
      everything = true;
      show(state, kept, path);
    },
    repaint() {
      if (!state) return;
      colour(emphasis());
      view.paint(nodes, edges);
      drawOver();
    },
    png: () => toPng(picture()),
    svg: () => toSvg(picture()),
    placeOf: (i) => scene?.at.get(i),
  };
}

/** The bounds of all values but the lowest and highest hundredth. */
function middleOf(values) {
  if (!values.length) return [-1, 1];
  const sorted = Float64Array.from(values).sort();
  const cut = Math.floor(values.length / 100);
  return [sorted[cut], Math.max(sorted[values.length - 1 - cut], sorted[cut] + 1)];
}
