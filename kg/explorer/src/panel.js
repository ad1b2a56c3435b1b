// What stands beside the map: a start page, an entity, a paper, or a path.

import { h, number, plural } from "./dom.js";
import { factsOf, relationsOf, resultsOf, timeSpan, topOfClass } from "./facts.js";
import { monthName } from "./model.js";
import { makeParts } from "./parts.js";
import { sparkline } from "./sparkline.js";

const ROLE_WORDS = {
  introduces: "introduced it",
  uses: "used it",
  evaluatesOn: "evaluated on it",
  comparesTo: "compared with it",
  mentions: "mentioned it",
  affiliatedWith: "come from it",
};

/** `actions` are functions: select(node), near(hops), pathFrom(node), close(), state(), page(node). */
export function makePanel(model, actions) {
  const { link, chip, dot, head, section, list, evidence, tools, resultsTable } = makeParts(model, actions);

  /** What the papers say of an entity, in a sentence or two. */
  function description(i, { numPapers, introduced, dates, roles: counts }) {
    const article = {
      Organization: "An organisation",
      Method: "A method",
      Model: "A model",
      Task: "A task",
      Concept: "A concept",
      Metric: "A metric",
      Benchmark: "A benchmark",
    };
    const what =
      { dataset: "A dataset", environment: "An environment" }[model.kind(i)] ??
      article[model.className(i)] ??
      "A node";
    const parts = [
      what,
      introduced.length ? [" introduced by ", link(introduced[0])] : "; no paper here introduces it",
      ". ",
    ];
    if (numPapers) {
      parts.push(`Named in ${plural(numPapers, "paper")}`);
      if (dates.length)
        parts.push(
          dates[0] === dates.at(-1) ? `, ${dates[0]}` : `, first seen ${dates[0]}, last ${dates.at(-1)}`,
        );
      const roles = [...counts]
        .filter(([role, n]) => n && role !== "introduces")
        .map(([role, n]) => `${number(n)} ${ROLE_WORDS[role]}`);
      parts.push(roles.length ? `: ${roles.join(", ")}.` : ".");
    }
    return h("p", { class: "lead" }, parts);
  }

  function entity(i) {
    const facts = factsOf(model, i);
    const { papers, companions: together } = facts;
    const aliases = model.aliases(i);
    const page = actions.page(i);
    const paper = ([p, edges]) => [
      link(p),
      h(
        "p",
        { class: "quiet" },
        [
          model.published(p),
          [...new Set(edges.map((e) => model.relations[model.relation[e]].forwards))].join(", "),
        ]
          .filter(Boolean)
          .join(" · "),
      ),
      evidence(edges),
    ];
    const relation = (e) => {
      const other = model.other(e, i);
      return [
        dot(model.classOf[other]),
        link(other),
        h("span", { class: "quiet" }, ` ${plural(model.papersOf(e).length, "paper")}`),
        evidence([e]),
      ];
    };
    return [
      head(
        i,
        model.kind(i) && model.kind(i) !== "benchmark"
          ? `${model.typeName(i)} · ${model.kind(i)}`
          : model.typeName(i),
      ),
      description(i, facts),
      aliases.length > 0 &&
        h(
          "p",
          { class: "quiet aliases", dir: "auto" },
          "Also written ",
          aliases.slice(0, 8).join(" · "),
          aliases.length > 8 && ` and ${aliases.length - 8} more`,
        ),
      tools(i),
      sparkline(model, facts.months),
      [...relationsOf(model, i)].map(([words, edges]) =>
        section(capital(words), list(edges, relation, { first: 8, className: "plain relations" })),
      ),
      resultsTable(resultsOf(model, i), i, facts.numResults),
      together.length > 0 &&
        section(
          "Named together with",
          h(
            "div",
            { class: "chips" },
            together.map(([other, n]) => chip(other, number(n))),
          ),
        ),
      papers.length > 0 &&
        section(
          `Papers, newest first (${number(facts.numPapers)})`,
          list(papers, paper, { className: "plain papers" }),
          papers.length < facts.numPapers &&
            h(
              "p",
              {},
              h(
                "a",
                { href: `/papers?entity=${encodeURIComponent(model.key(i).slice(7))}` },
                `All ${number(facts.numPapers)} papers`,
              ),
            ),
        ),
      page && h("p", {}, h("a", { href: page }, "Page of this entity")),
      h("p", { class: "quiet iri" }, model.iri(i)),
    ];
  }

  function paper(i) {
    const groups = new Map();
    for (const e of model.edgesOf(i)) {
      const words = model.relations[model.relation[e]].forwards;
      if (!groups.has(words)) groups.set(words, []);
      groups.get(words).push(e);
    }
    const order = model.relations.map((r) => r.forwards);
    const sortedGroups = [...groups].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    const outside = [
      model.link(i) && ["arXiv", model.link(i)],
      ...model.links(i).map(([kind, url]) => [kind, url]),
    ].filter(Boolean);
    return [
      head(
        i,
        ["Paper", model.published(i), model.authors(i) && plural(model.authors(i), "author")]
          .filter(Boolean)
          .join(" · "),
      ),
      outside.length > 0 &&
        h(
          "p",
          { class: "links" },
          outside.map(([words, url]) =>
            h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, words),
          ),
        ),
      tools(i),
      sortedGroups.map(([words, edges]) =>
        section(
          capital(words),
          list(edges, (e) => [dot(model.classOf[model.target[e]]), link(model.target[e]), evidence([e])], {
            first: 14,
            className: "plain relations",
          }),
        ),
      ),
      groups.size === 0 && h("p", { class: "quiet" }, "Nothing was found in this paper’s abstract."),
      resultsTable(resultsOf(model, i), i),
      model.abstract(i) && section("Abstract", h("p", { class: "abstract", dir: "auto" }, model.abstract(i))),
      actions.page(i) && h("p", {}, h("a", { href: actions.page(i) }, "Page of this paper")),
      h("p", { class: "quiet iri" }, model.iri(i)),
    ];
  }

  function path(ends, steps) {
    const kept = [
      h(
        "header",
        {},
        h("p", { class: "kicker" }, "Path"),
        h("h2", { tabIndex: -1 }, `${model.label(ends[0])} to ${model.label(ends[1])}`),
        h("button", { class: "close", type: "button", "aria-label": "Close", onclick: actions.close }, "×"),
      ),
    ];
    if (!steps)
      return [...kept, h("p", {}, model.whole
            ? "No path joins the two in what is shown. Widen the time or the filters."
            : "No path joins the two.")];
    const step = ({ from, edge, to }) => {
      const { forwards, backwards } = model.relations[model.relation[edge]];
      const words = model.source[edge] === from ? forwards : backwards;
      return h(
        "li",
        {},
        h("p", { class: "step" }, words),
        h("p", {}, dot(model.classOf[to]), link(to)),
        evidence([edge]),
      );
    };
    return [
      ...kept,
      h("p", { class: "lead" }, `The shortest way, in ${plural(steps.length, "step")}.`),
      h(
        "ol",
        { class: "path" },
        h("li", {}, h("p", {}, dot(model.classOf[ends[0]]), link(ends[0]))),
        steps.map(step),
      ),
    ];
  }

  function start() {
    const [first, last] = timeSpan(model);
    const when = last < first ? "" : `, ${monthName(first)} to ${monthName(last)}`;
    const newest = [];
    for (let i = model.entities; i < model.count && newest.length < 6; i += 1)
      if (model.has(i)) newest.push(i);
    const lists = [
      ["Method", "Most used methods"],
      ["Model", "Models"],
      ["Benchmark", "Benchmarks"],
      ["Task", "Tasks"],
      ["Organization", "Organisations"],
    ]
      .map(([name, words]) => [words, topOfClass(model, name, 8)])
      .filter(([, found]) => found.length);
    return [
      h(
        "header",
        {},
        h("p", { class: "kicker" }, "Overview"),
        h("h2", { tabIndex: -1, dir: "auto" }, model.title),
      ),
      h(
        "p",
        { class: "lead" },
        `${plural(model.papers, "paper")}${when} and the ${plural(model.entities, "thing")} they name.`,
        model.shown.includes(0) && !model.whole
          ? " The map begins with the strongest of them; the search finds all."
          : "",
        model.count ? " Choose a name below, on the map, or in the search." : " This graph is empty.",
      ),
      lists.map(([words, found]) =>
        section(
          words,
          h(
            "div",
            { class: "chips" },
            found.map((i) => chip(i, number(model.numPapers(i)))),
          ),
        ),
      ),
      newest.length > 0 &&
        section(
          "Newest papers",
          list(newest, (i) => [link(i), h("p", { class: "quiet" }, model.published(i) ?? "no date")], {
            className: "plain papers",
          }),
        ),
    ];
  }

  return { entity, paper, path, start };
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
