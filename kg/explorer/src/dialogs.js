// Boxes over the page: the choice of a path's ends, and what this page is.

import { h, number } from "./dom.js";
import { makeSearchbox } from "./searchbox.js";

/** A box that asks for two entities; `open(from)` may fill in the first. */
export function makePathDialog(model, search, onPath) {
  const ends = [null, null];
  const chosen = [0, 1].map(() => h("p", { class: "chosen", dir: "auto" }));
  const boxes = ["From", "To"].map((word, k) =>
    makeSearchbox(model, {
      id: `path-${k}`,
      label: `${word}: an entity`,
      placeholder: `${word} …`,
      search: (typed) => search(typed, 6, true),
      onChoose: (i) => pick(k, i),
    }),
  );
  const go = h("button", { class: "primary", type: "submit" }, "Show the path");
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        if (ends.some((end) => end === null) || ends[0] === ends[1]) return;
        box.close();
        onPath([...ends]);
      },
    },
    h("h2", { id: "path-title" }, "Path between two entities"),
    [0, 1].map((k) =>
      h("div", { class: "end" }, h("h3", {}, k ? "To" : "From"), chosen[k], boxes[k].element),
    ),
    h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => box.close() }, "Cancel"), go),
  );
  const box = h("dialog", { "aria-labelledby": "path-title" }, form);
  document.body.append(box);

  function pick(k, i) {
    ends[k] = i;
    chosen[k].textContent = i === null ? "" : `${model.label(i)} (${model.typeName(i)})`;
    go.disabled = ends.some((end) => end === null) || ends[0] === ends[1];
    (ends[1] === null ? boxes[1].input : go).focus();
  }
  return {
    open(from = null) {
      box.showModal();
      pick(1, null);
      pick(0, from);
      boxes[from === null ? 0 : 1].input.focus();
    },
  };
}

const KEYS = [
  ["/", "go to the search"],
  ["Esc", "close: suggestions, box, path, selection"],
  ["Tab", "search, buttons, filters, map, timeline, panel"],
  ["← ↑ → ↓", "on the map: to the next node that way"],
  ["Enter", "on the map: open the node that is marked"],
  ["+ − 0", "on the map: nearer, farther, all"],
  ["t", "map or table"],
  ["p", "path between two entities"],
  ["f", "filters"],
  ["?", "this box"],
];

/** What this page is, its keys, and the licences of what it is made of. */
export function makeAbout(model, source) {
  const licences = h("pre", {});
  const box = h(
    "dialog",
    { class: "about", "aria-labelledby": "about-title" },
    h("h2", { id: "about-title" }, "What am I looking at?"),
    h(
      "p",
      {},
      `A map of ${number(model.papers)} papers and the ${number(model.entities)} methods, models, benchmarks and other things that their abstracts name. A line joins a paper with what it names, or two things that a paper relates. Large dots are named often; tinted regions are communities, found from the lines alone. Every line has its evidence: open a dot to read it.`,
    ),
    h("p", {}, source.privacy),
    h("h3", {}, "Keys"),
    h(
      "dl",
      { class: "keys" },
      KEYS.map(([key, words]) => [
        h(
          "dt",
          {},
          key.split(" ").map((k) => h("kbd", {}, k)),
        ),
        h("dd", {}, words),
      ]),
    ),
    h("h3", {}, "Made with"),
    h("details", {}, h("summary", {}, "Parts in this file and their licences"), licences),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", class: "primary", onclick: () => box.close() }, "Close"),
    ),
  );
  document.body.append(box);
  return {
    async open() {
      box.showModal();
      licences.textContent ||= await source.licences();
    },
  };
}
