// Pieces that the pages of the panel are made of: links, chips, lists, evidence, results.

import { h, nodeLink, number, plural } from "./dom.js";
import { quotes } from "./quotes.js";

const FIRST = 20;

/** `actions` are functions: select(node), near(hops), pathFrom(node), close(), state(). */
export function makeParts(model, actions) {
  const link = (i, text = model.label(i)) => nodeLink(model, i, actions.select, text);
  const chip = (i, note) =>
    h(
      "button",
      { class: "chip", type: "button", title: model.label(i), onclick: () => actions.select(i) },
      dot(model.classOf[i]),
      h("span", { dir: "auto" }, model.label(i)),
      note && h("small", {}, note),
    );
  const dot = (c) => h("i", { class: `dot c${c}`, "aria-hidden": "true" });

  const head = (i, kicker) =>
    h(
      "header",
      {},
      h("p", { class: "kicker" }, dot(model.classOf[i]), kicker),
      h(
        "h2",
        { dir: "auto", tabIndex: -1, class: model.label(i).length > 140 ? "long" : null },
        model.label(i),
      ),
      h(
        "button",
        {
          class: "close",
          type: "button",
          "aria-label": "Close",
          title: "Close (Esc)",
          onclick: actions.close,
        },
        "×",
      ),
    );

  const section = (title, ...content) => h("section", {}, h("h3", {}, title), ...content);

  /** A list that shows the first few and the rest on demand. */
  function list(items, make, { first = FIRST, className = "plain" } = {}) {
    const out = h(
      "ul",
      { class: className },
      items.slice(0, first).map((item) => h("li", {}, make(item))),
    );
    if (items.length <= first) return out;
    const more = h(
      "button",
      {
        class: "more",
        type: "button",
        onclick: () => {
          out.append(...items.slice(first, first + 300).map((item) => h("li", {}, make(item))));
          more.remove();
        },
      },
      `Show ${number(Math.min(items.length - first, 300))} more`,
    );
    return [out, more];
  }

  function evidence(edges) {
    const found = quotes(model, edges);
    if (!found.length) return null;
    const several = new Set(found.map((quote) => quote.paper)).size > 1;
    const show = ({ paper, field, start, end, parts }) =>
      h(
        "blockquote",
        { dir: "auto" },
        parts.map(({ text, marked }) => (marked ? h("mark", {}, text) : text)),
        h("footer", {}, several && [link(paper), ", "], `${field}, characters ${start}–${end}`),
      );
    return h(
      "details",
      {},
      h("summary", {}, "Evidence"),
      found.slice(0, 12).map(show),
      found.length > 12 && h("p", { class: "quiet" }, `and ${plural(found.length - 12, "more passage")}`),
    );
  }

  function tools(i) {
    return h(
      "div",
      { class: "tools" },
      [
        [0, "All"],
        [1, "1 hop"],
        [2, "2 hops"],
      ].map(([hops, words]) =>
        h(
          "button",
          {
            type: "button",
            "aria-pressed": String(actions.state().hops === hops),
            onclick: () => actions.near(hops),
          },
          words,
        ),
      ),
      !model.isPaper(i) && h("button", { type: "button", onclick: () => actions.pathFrom(i) }, "Path to…"),
    );
  }

  function resultsTable(results, about, total = results.length) {
    if (!results.length) return null;
    const cell = (value) =>
      typeof value === "number" ? link(value) : h("span", { dir: "auto" }, value ?? "–");
    const sortedRows = [...results].sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
    const showSubject = sortedRows.some((r) => r.subject !== about);
    const showBenchmark = sortedRows.some((r) => r.benchmark !== about);
    const row = (r) =>
      h(
        "tr",
        {},
        showSubject && h("td", {}, r.subject === r.paper ? "this paper’s method" : cell(r.subject)),
        showBenchmark && h("td", {}, cell(r.benchmark)),
        h("td", { class: "value" }, r.written, r.kind === "gain" && h("small", {}, " gain")),
        h("td", {}, r.metric ?? "–"),
        h(
          "td",
          {},
          r.paper === about
            ? cell(r.baseline)
            : link(r.paper, model.published(r.paper)?.slice(0, 7) ?? "paper"),
        ),
      );
    const isPaper = model.isPaper(about);
    return section(
      `Results (${number(total)})`,
      h(
        "div",
        { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Results" },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              showSubject && h("th", {}, "Of"),
              showBenchmark && h("th", {}, "On"),
              h("th", { class: "value" }, "Value"),
              h("th", {}, "Metric"),
              h("th", {}, isPaper ? "Against" : "Paper"),
            ),
          ),
          h("tbody", {}, sortedRows.slice(0, 60).map(row)),
        ),
      ),
      total > 60 && h("p", { class: "quiet" }, `and ${number(total - 60)} more`),
    );
  }

  return { link, chip, dot, head, section, list, evidence, tools, resultsTable };
}
