// Types with their counts, organisations and tasks: what narrows the selection.

import { h, number } from "./dom.js";
import { topOfClass } from "./facts.js";
import { typeName } from "./model.js";

export function makeFacets(container, model, { onChange }) {
  const types = model.classes.map((entry, k) =>
    h(
      "button",
      {
        type: "button",
        class: "type",
        onclick: () => toggle(entry.name),
        title: `Show or hide: ${typeName(entry.name)}`,
      },
      h("i", { class: `dot c${k}`, "aria-hidden": "true" }),
      h("span", {}, typeName(entry.name)),
      h("small", {}),
    ),
  );
  const choice = (id, label, className) => {
    const found = topOfClass(model, className, 400)
      .map((i) => [i, model.numPapers(i)])
      .filter(([, n]) => n > 0)
      .sort(([a, m], [b, n]) => n - m || a - b);
    const select = h(
      "select",
      { id, onchange: () => onChange({ [id]: select.value === "" ? null : Number(select.value) }) },
      h("option", { value: "" }, "any"),
      found.map(([i, n]) =>
        h("option", { value: i }, `${Array.from(model.label(i)).slice(0, 48).join("")} (${number(n)})`),
      ),
    );
    return [h("label", { htmlFor: id }, label), select];
  };
  const reset = h(
    "button",
    {
      type: "button",
      class: "more",
      onclick: () => onChange({ hidden: [], organisation: null, task: null, from: null, to: null, hops: 0 }),
    },
    "Clear all filters",
  );
  const selects = [choice("organisation", "Organisation", "Organization"), choice("task", "Task", "Task")];
  container.append(
    h("h2", {}, "Types"),
    h("div", { class: "types", role: "group", "aria-label": "Types shown" }, types),
    h("h2", {}, "Only papers about"),
    ...selects.flat(),
    reset,
  );

  let hidden = [];
  function toggle(name) {
    onChange({
      hidden: hidden.includes(name) ? hidden.filter((other) => other !== name) : [...hidden, name],
    });
  }

  return {
    show(state, kept) {
      hidden = state.hidden;
      const counts = new Array(model.classes.length).fill(0);
      kept.forEach((value, i) => {
        if (value) counts[model.classOf[i]] += 1;
      });
      types.forEach((button, k) => {
        button.setAttribute("aria-pressed", String(!state.hidden.includes(model.classes[k].name)));
        button.querySelector("small").textContent = number(counts[k]);
      });
      for (const [, select] of selects) {
        // A choice from the address may not be in the list.
        const value = state[select.id];
        if (value !== null && ![...select.options].some((o) => o.value === String(value)))
          select.append(h("option", { value }, model.label(value)));
        select.value = value === null ? "" : String(value);
      }
      reset.hidden = !(
        state.hidden.length ||
        state.organisation !== null ||
        state.task !== null ||
        state.from !== null ||
        state.to !== null ||
        state.hops
      );
    },
  };
}
