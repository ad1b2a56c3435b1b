// The selection as a table: the same nodes as the map, sortable, for the keyboard, and as a CSV file.

import { toCsv } from "./csv.js";
import { download, h, nodeLink, number, plural } from "./dom.js";

const PAGE = 200;

export function makeTable(container, model, { onSelect }) {
  let kept = null;
  let kind = "entities";
  let sort = { column: null, down: true };
  let rows = [];
  let shown = PAGE;

  const columns = {
    entities: [
      ["Name", (i) => model.label(i)],
      ["Type", model.typeName],
      ["Papers", (i) => (model.whole ? inside(i).length : model.numPapers(i))],
      // Of a part of the graph it is not known which papers are the first and the last.
      ...(model.whole
        ? [
            ["First seen", (i) => inside(i).map(model.published).filter(Boolean).sort()[0] ?? ""],
            ["Last seen", (i) => inside(i).map(model.published).filter(Boolean).sort().at(-1) ?? ""],
          ]
        : []),
      ["Ties", (i) => model.degree(i)],
    ],
    papers: [
      ["Title", (i) => model.label(i)],
      ["Published", (i) => model.published(i) ?? ""],
      [
        "Introduces",
        (i) =>
          [...model.edgesOf(i)]
            .filter((e) => model.relationName(e) === "introduces")
            .map((e) => model.label(model.target[e]))
            .join("; "),
      ],
      ["Names", (i) => model.degree(i)],
    ],
  };

  // Papers that the type facet hides still count.
  let allowed = () => true;
  const inside = (i) => [...model.papersNaming(i)].filter(allowed);

  function build() {
    const wantPapers = kind === "papers";
    rows = [];
    kept.forEach((value, i) => {
      if (value && model.isPaper(i) === wantPapers)
        rows.push({ i, cells: columns[kind].map(([, read]) => read(i)) });
    });
    if (sort.column === null && !wantPapers) rows.sort((a, b) => b.cells[2] - a.cells[2] || a.i - b.i);
    if (sort.column !== null) {
      const sign = sort.down ? -1 : 1;
      const by = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
      rows.sort((a, b) => sign * by(a.cells[sort.column], b.cells[sort.column]) || a.i - b.i);
    }
  }

  function draw() {
    const tab = (name, words) =>
      h(
        "button",
        {
          type: "button",
          "aria-pressed": String(kind === name),
          onclick: () => {
            kind = name;
            sort = { column: null, down: true };
            shown = PAGE;
            build();
            draw();
          },
        },
        words,
      );
    const header = (words, k) => {
      const order = sort.column === k ? (sort.down ? "descending" : "ascending") : "none";
      return h(
        "th",
        { "aria-sort": order, scope: "col" },
        h(
          "button",
          {
            type: "button",
            onclick: () => {
              sort = {
                column: k,
                down: sort.column === k ? !sort.down : typeof rows[0]?.cells[k] === "number",
              };
              build();
              draw();
              container.querySelectorAll("th button")[k].focus();
            },
          },
          words,
          h("span", { "aria-hidden": "true" }, order === "none" ? "" : order === "descending" ? " ↓" : " ↑"),
        ),
      );
    };
    const line = ({ i, cells }) =>
      h(
        "tr",
        {},
        cells.map((cell, k) =>
          h(
            "td",
            { class: typeof cell === "number" ? "value" : k && cell.length < 20 ? "short" : null },
            k === 0
              ? nodeLink(model, i, onSelect)
              : kind === "entities" && k === 1
                ? [h("i", { class: `dot c${model.classOf[i]}`, "aria-hidden": "true" }), cell]
                : typeof cell === "number"
                  ? number(cell)
                  : h("span", { dir: "auto" }, cell),
          ),
        ),
      );
    container.replaceChildren(
      h(
        "div",
        { class: "tablebar" },
        h(
          "div",
          { class: "switch", role: "group", "aria-label": "Rows" },
          tab("entities", "Entities"),
          tab("papers", "Papers"),
        ),
        h("p", { class: "quiet" }, rows.length ? plural(rows.length, "row") : ""),
        h("button", { type: "button", id: "csv", onclick: save, disabled: !rows.length }, "Download CSV"),
      ),
      rows.length
        ? h(
            "div",
            { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Table of the selection" },
            h(
              "table",
              { class: "big" },
              h(
                "thead",
                {},
                h(
                  "tr",
                  {},
                  columns[kind].map(([words], k) => header(words, k)),
                ),
              ),
              h("tbody", {}, rows.slice(0, shown).map(line)),
            ),
            rows.length > shown &&
              h(
                "button",
                {
                  class: "more",
                  type: "button",
                  onclick: () => {
                    shown += 1000;
                    draw();
                  },
                },
                `Show ${number(Math.min(1000, rows.length - shown))} more`,
              ),
          )
        : h("p", { class: "empty" }, "Nothing fits these choices. Widen the time or the filters."),
    );
  }

  function save() {
    const head = [...columns[kind].map(([words]) => words.toLowerCase().replace(" ", "_")), "iri"];
    const text = toCsv(
      head,
      rows.map(({ i, cells }) => [...cells, model.iri(i)]),
    );
    download(`abstractkg-${kind}.csv`, new Blob([text], { type: "text/csv;charset=utf-8" }));
  }

  return {
    show(newKept, paperAllowed) {
      [kept, allowed, shown] = [newKept, paperAllowed, PAGE];
      build();
      draw();
    },
  };
}
