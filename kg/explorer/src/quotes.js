// Evidence as passages to read: each sentence once, with the words in it that count marked.

import { slicePoints } from "./model.js";

/** Passages behind edges: `{paper, field, start, end, parts}`, where parts are `{text, marked}`. */
export function quotes(model, edges) {
  const found = new Map();
  for (const e of edges) {
    for (const piece of model.evidence(e)) {
      const key = `${piece.paper} ${piece.field} ${piece.from ?? piece.start}`;
      if (!found.has(key)) found.set(key, { ...piece, marks: [] });
      const quote = found.get(key);
      quote.until = Math.max(quote.until, piece.until);
      quote.marks.push(...(isSentence(piece) ? namesInside(model, e, piece) : [[piece.start, piece.end]]));
    }
  }
  return [...found.values()].map((quote) => ({ ...quote, parts: cut(model, quote) }));
}

const isSentence = ({ from, until, start, end }) =>
  from !== null && end - start > 40 && end - start > 0.8 * (until - from);

/** Where the ends of an edge are named inside a sentence that states it; the sentence if nowhere. */
function namesInside(model, e, sentence) {
  const ends = new Set([model.source[e], model.target[e]]);
  const marks = [];
  for (const other of model.edgesOf(sentence.paper)) {
    if (!ends.has(model.target[other])) continue;
    for (const { field, start, end } of model.evidence(other)) {
      const inside = field === sentence.field && start >= sentence.start && end <= sentence.end;
      if (inside && end - start < (sentence.end - sentence.start) / 2) marks.push([start, end]);
    }
  }
  return marks.length ? marks : [[sentence.start, sentence.end]];
}

function cut(model, { paper, field, from, until, text, marks }) {
  if (from === null) return [{ text, marked: true }];
  const whole = model.textOf(paper, field);
  const parts = [];
  let at = from;
  for (const [start, end] of marks.sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
    if (end <= at) continue;
    parts.push({ text: slicePoints(whole, at, Math.max(start, at)), marked: false });
    parts.push({ text: slicePoints(whole, Math.max(start, at), end), marked: true });
    at = end;
  }
  parts.push({ text: slicePoints(whole, at, Math.max(until, at)), marked: false });
  return parts.filter((part) => part.text);
}
