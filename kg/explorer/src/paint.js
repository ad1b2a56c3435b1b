// A picture that scene.js laid out, drawn on a canvas or written as SVG.

import { FONT, font } from "./scene.js";

/** Draw the tinted communities. */
export function paintClouds(context, scene) {
  context.lineJoin = "round";
  for (const { outline, colour } of scene.shapes) {
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = 34;
    context.beginPath();
    outline.forEach(({ x, y }, k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.fill();
    context.stroke();
  }
}

/** Draw edges and nodes (on the screen the view does that). */
function paintGraph(context, scene) {
  const { at } = scene;
  context.lineWidth = 1;
  for (const { a, b, colour } of sorted(scene.edges)) {
    if (!at.has(a) && !at.has(b)) continue;
    const [one, two] = [at.get(a), at.get(b)];
    if (!one || !two) continue;
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(one.x, one.y);
    context.lineTo(two.x, two.y);
    context.stroke();
  }
  for (const { i, colour } of sorted(scene.nodes)) {
    const place = at.get(i);
    if (!place) continue;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(place.x, place.y, place.r, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Draw captions, labels, and rings around what is selected or under the pointer. */
export function paintLabels(context, scene) {
  const { drawing, at } = scene;
  for (const [i, colour] of [
    [scene.hovered, drawing.strong],
    [scene.selected, drawing.accent],
  ]) {
    const place = at.get(i);
    if (!place) continue;
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(place.x, place.y, place.r + 3, 0, 2 * Math.PI);
    context.stroke();
  }
  context.lineJoin = "round";
  context.textAlign = "left";
  context.direction = "ltr";
  const write = ({ text, x, y }, colour) => {
    context.strokeStyle = drawing.ground;
    context.lineWidth = 3.5;
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  };
  for (const caption of scene.captions) {
    context.font = font(caption.size, 650);
    write(caption, drawing.caption);
  }
  for (const label of [...scene.labels].reverse()) {
    context.font = font(label.size, label.weight);
    write(label, drawing.ink);
  }
}

/** The whole picture as a PNG of twice the size of the screen. */
export function toPng(scene, scale = 2) {
  const canvas = document.createElement("canvas");
  canvas.width = scene.width * scale;
  canvas.height = scene.height * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = scene.drawing.ground;
  context.fillRect(0, 0, scene.width, scene.height);
  paintClouds(context, scene);
  paintGraph(context, scene);
  paintLabels(context, scene);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** The whole picture as SVG. */
export function toSvg(scene) {
  const { width, height, drawing, at } = scene;
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escape(FONT)}">`,
    `<rect width="${width}" height="${height}" fill="${drawing.ground}"/>`,
  ];
  for (const { outline, colour } of scene.shapes) {
    const points = outline.map(({ x, y }) => `${round(x)},${round(y)}`).join(" ");
    out.push(
      `<polygon points="${points}" fill="${colour}" stroke="${colour}" stroke-width="34" stroke-linejoin="round"/>`,
    );
  }
  for (const { a, b, colour } of sorted(scene.edges)) {
    const [one, two] = [at.get(a), at.get(b)];
    if (one && two) {
      out.push(
        `<line x1="${round(one.x)}" y1="${round(one.y)}" x2="${round(two.x)}" y2="${round(two.y)}" stroke="${colour}"/>`,
      );
    }
  }
  for (const { i, colour } of sorted(scene.nodes)) {
    const place = at.get(i);
    if (place)
      out.push(
        `<circle cx="${round(place.x)}" cy="${round(place.y)}" r="${round(place.r)}" fill="${colour}"/>`,
      );
  }
  const selected = at.get(scene.selected);
  if (selected) {
    out.push(
      `<circle cx="${round(selected.x)}" cy="${round(selected.y)}" r="${round(selected.r + 3)}" fill="none" stroke="${drawing.accent}" stroke-width="2"/>`,
    );
  }
  const texts = [
    ...scene.captions.map((caption) => ({ ...caption, weight: 650, colour: drawing.caption })),
    ...[...scene.labels].reverse().map((label) => ({ ...label, colour: drawing.ink })),
  ];
  for (const { text, x, y, size, weight, colour } of texts) {
    out.push(
      `<text x="${round(x)}" y="${round(y)}" font-size="${round(size)}" font-weight="${weight}" fill="${colour}" stroke="${drawing.ground}" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke">${escape(text)}</text>`,
    );
  }
  out.push("</svg>");
  return new Blob([out.join("\n")], { type: "image/svg+xml" });
}

const sorted = (items) => [...items].sort((a, b) => a.z - b.z);
const round = (value) => Math.round(value * 10) / 10;

// Control characters are not allowed in XML at all.
const escape = (text) =>
  text
    .replace(
      /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      "",
    )
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");
