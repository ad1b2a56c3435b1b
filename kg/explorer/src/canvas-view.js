// The same drawing without WebGL, on a plain canvas: fewer nodes, the same look.

import { h } from "./dom.js";

export function makeCanvasView(container, { onMove, onClick, onHover }) {
  const canvas = h("canvas");
  container.append(canvas);
  const context = canvas.getContext("2d");
  let [nodes, edges, box] = [[], [], { left: 0, right: 1, top: 0, bottom: 1 }];
  const eye = { x: 0, y: 0, ratio: 1 };
  let queued = false;

  const size = () => ({ width: container.clientWidth, height: container.clientHeight });
  const scale = () => {
    const { width, height } = size();
    const fitting = Math.min(
      (width - 92) / (box.right - box.left || 1),
      (height - 92) / (box.bottom - box.top || 1),
    );
    return Math.max(fitting, 1e-6) / eye.ratio;
  };
  const toScreen = (x, y) => {
    const { width, height } = size();
    return { x: (x - eye.x) * scale() + width / 2, y: (y - eye.y) * scale() + height / 2 };
  };
  const centre = () =>
    Object.assign(eye, { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, ratio: 1 });

  const draw = () => {
    queued = false;
    const { width, height } = size();
    const dots = devicePixelRatio || 1;
    canvas.width = width * dots;
    canvas.height = height * dots;
    context.setTransform(dots, 0, 0, dots, 0, 0);
    const at = new Map(nodes.map((node) => [node.i, toScreen(node.x, node.y)]));
    for (const { a, b, colour } of [...edges].sort((one, two) => one.z - two.z)) {
      context.strokeStyle = colour;
      context.beginPath();
      context.moveTo(at.get(a).x, at.get(a).y);
      context.lineTo(at.get(b).x, at.get(b).y);
      context.stroke();
    }
    for (const { i, size: radius, colour } of [...nodes].sort((one, two) => one.z - two.z)) {
      context.fillStyle = colour;
      context.beginPath();
      context.arc(at.get(i).x, at.get(i).y, radius / Math.sqrt(eye.ratio), 0, 2 * Math.PI);
      context.fill();
    }
    onMove();
  };
  const later = () => {
    if (!queued) requestAnimationFrame(draw);
    queued = true;
  };

  let grip = null;
  canvas.addEventListener("pointerdown", (event) => {
    grip = { x: event.offsetX, y: event.offsetY, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!grip) return onHover(event.offsetX, event.offsetY);
    const [dx, dy] = [event.offsetX - grip.x, event.offsetY - grip.y];
    if (!grip.moved && Math.hypot(dx, dy) < 4) return undefined;
    Object.assign(grip, { x: event.offsetX, y: event.offsetY, moved: true });
    eye.x -= dx / scale();
    eye.y -= dy / scale();
    return later();
  });
  canvas.addEventListener("pointerup", (event) => {
    if (grip && !grip.moved) onClick(event.offsetX, event.offsetY);
    grip = null;
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      eye.ratio = Math.min(Math.max(eye.ratio * Math.exp(event.deltaY / 400), 0.02), 2.5);
      later();
    },
    { passive: false },
  );

  return {
    name: "canvas",
    show(newNodes, newEdges, newBox) {
      const first = box.right === 1;
      [nodes, edges, box] = [newNodes, newEdges, newBox];
      if (first) centre();
      draw();
    },
    paint(newNodes, newEdges) {
      [nodes, edges] = [newNodes, newEdges];
      draw();
    },
    toScreen,
    scaleSize: (radius) => radius / Math.sqrt(eye.ratio),
    ratio: () => eye.ratio,
    zoom(factor) {
      eye.ratio = Math.min(Math.max(eye.ratio / factor, 0.02), 2.5);
      later();
    },
    pan(dx, dy) {
      const { width, height } = size();
      eye.x += (dx * width) / scale();
      eye.y -= (dy * height) / scale();
      later();
    },
    reset() {
      centre();
      later();
    },
    fit(part, closest = 0.12) {
      const { width, height } = size();
      const share = Math.max(
        ((part.right - part.left) * scale()) / (width * 0.7),
        ((part.bottom - part.top) * scale()) / (height * 0.7),
        1e-6,
      );
      Object.assign(eye, {
        x: (part.left + part.right) / 2,
        y: (part.top + part.bottom) / 2,
        ratio: Math.min(Math.max(eye.ratio * share, closest), 1.5),
      });
      later();
    },
    resize: later,
  };
}
