// Nodes and edges drawn by sigma.js. Labels, clouds and hits are our own: see scene.js and stage.js.

import Graph from "graphology";
import Sigma from "sigma";
import { EdgeLineProgram, NodeCircleProgram } from "sigma/rendering";

// Finding the node under the pointer from coordinates costs nothing; sigma would draw everything twice and
// read pixels back, which stalls the graphics card.
class NodeProgram extends NodeCircleProgram {
  constructor(gl, _picking, renderer) {
    super(gl, null, renderer);
  }
}

class EdgeProgram extends EdgeLineProgram {
  constructor(gl, _picking, renderer) {
    super(gl, null, renderer);
  }
}

class Renderer extends Sigma {
  getNodeAtPosition() {
    return null;
  }
}

/** Whether this browser draws with WebGL. */
export function hasWebGL() {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

export function makeWebGLView(container, { onMove, onClick, onHover }) {
  const graph = new Graph({ type: "undirected", multi: true });
  const renderer = new Renderer(graph, container, {
    allowInvalidContainer: true,
    renderLabels: false,
    renderEdgeLabels: false,
    defaultEdgeType: "line",
    nodeProgramClasses: { circle: NodeProgram },
    edgeProgramClasses: { line: EdgeProgram },
    defaultDrawNodeHover: () => {},
    minCameraRatio: 0.01,
    maxCameraRatio: 2.5,
    stagePadding: 46,
    zIndex: true,
    hideEdgesOnMove: false,
  });
  const camera = renderer.getCamera();
  renderer.on("afterRender", onMove);
  renderer.on("clickStage", ({ event }) => onClick(event.x, event.y));
  renderer.on("moveBody", ({ event }) => onHover(event.x, event.y));
  renderer.on("leaveStage", () => onHover(-1e6, -1e6));
  renderer.on("doubleClickStage", ({ preventSigmaDefault }) => preventSigmaDefault());
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const move = (target) =>
    calm.matches ? camera.setState(target) : camera.animate(target, { duration: 350 });

  return {
    name: "webgl",

    /** Replace what is drawn. Nodes are `{i, x, y, size, colour, z}`, edges `{e, a, b, colour, z}`. */
    show(nodes, edges, box) {
      graph.clear();
      for (const { i, x, y, size, colour, z } of nodes) {
        graph.addNode(i, { x, y: -y, size, color: colour, zIndex: z });
      }
      for (const { e, a, b, colour, z } of edges) {
        graph.addEdgeWithKey(e, a, b, { size: 1, color: colour, zIndex: z });
      }
      renderer.setCustomBBox({ x: [box.left, box.right], y: [-box.bottom, -box.top] });
      renderer.refresh();
    },
    paint(nodes, edges) {
      for (const { i, colour, z } of nodes) graph.mergeNodeAttributes(i, { color: colour, zIndex: z });
      for (const { e, colour, z } of edges) graph.mergeEdgeAttributes(e, { color: colour, zIndex: z });
      renderer.refresh();
    },
    toScreen: (x, y) => renderer.graphToViewport({ x, y: -y }),
    scaleSize: (size) => renderer.scaleSize(size),
    ratio: () => camera.ratio,
    zoom: (factor) => move({ ratio: Math.min(Math.max(camera.ratio / factor, 0.01), 2.5) }),
    pan: (dx, dy) => move({ x: camera.x + dx * camera.ratio, y: camera.y + dy * camera.ratio }),
    reset: () => move({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }),

    /** Bring a box of the drawing into view, with at most the given magnification. */
    fit(box, closest = 0.12) {
      const [a, b] = [
        renderer.graphToViewport({ x: box.left, y: -box.top }),
        renderer.graphToViewport({ x: box.right, y: -box.bottom }),
      ];
      const { width, height } = renderer.getDimensions();
      const share = Math.max(Math.abs(b.x - a.x) / (width * 0.7), Math.abs(b.y - a.y) / (height * 0.7), 1e-6);
      const middle = renderer.viewportToFramedGraph({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
      move({ x: middle.x, y: middle.y, ratio: Math.min(Math.max(camera.ratio * share, closest), 1.5) });
    },
    resize: () => renderer.resize(true) && renderer.refresh(),
  };
}
