// A text field with suggestions: an ARIA combobox.

import { announce, h, plural } from "./dom.js";
import { shorten } from "./scene.js";

/** `search(text)` gives node numbers or a promise of them; `onChoose(node)` is told of one. */
export function makeSearchbox(model, { id, label, placeholder, search, onChoose }) {
  let [found, active, asking] = [[], -1, null];
  const options = h("ul", {
    id: `${id}-options`,
    role: "listbox",
    "aria-label": "Suggestions",
    hidden: true,
  });
  const input = h("input", {
    id,
    type: "search",
    placeholder,
    autocomplete: "off",
    spellcheck: false,
    role: "combobox",
    "aria-label": label,
    "aria-expanded": "false",
    "aria-controls": `${id}-options`,
    "aria-autocomplete": "list",
    oninput: update,
    onfocus: () => input.value && update(),
    onkeydown: key,
  });
  // A click on a suggestion takes the focus first.
  input.addEventListener("blur", () => setTimeout(() => document.activeElement !== input && close(), 150));

  async function update() {
    const typed = input.value;
    asking = Promise.resolve(search(typed)).catch(() => []);
    const answer = await asking;
    if (input.value !== typed) return;
    asking = null;
    found = answer;
    active = found.length ? 0 : -1;
    draw();
    if (input.value) announce(found.length ? plural(found.length, "suggestion") : "Nothing found");
  }
  function draw() {
    const typed = input.value.trim() !== "";
    options.replaceChildren(
      ...found.map((i, k) =>
        h(
          "li",
          {
            role: "option",
            id: `${id}-${k}`,
            "aria-selected": String(k === active),
            onmousedown: (event) => event.preventDefault(),
            onclick: () => choose(k),
          },
          h("i", { class: `dot c${model.classOf[i]}`, "aria-hidden": "true" }),
          h("span", { class: "name", dir: "auto" }, shorten(model.label(i), 90)),
          h("small", {}, note(i)),
        ),
      ),
      ...(typed && !found.length
        ? [h("li", { class: "none" }, "Nothing by that name. Try a shorter part of it.")]
        : []),
    );
    options.hidden = !typed;
    input.setAttribute("aria-expanded", String(typed));
    if (active >= 0) input.setAttribute("aria-activedescendant", `${id}-${active}`);
    else input.removeAttribute("aria-activedescendant");
  }
  // The alias that was meant, where the name does not show it.
  const note = (i) => {
    const typed = input.value.trim().toLowerCase();
    const alias =
      !model.isPaper(i) &&
      !model.label(i).toLowerCase().includes(typed) &&
      model.aliases(i).find((a) => a.toLowerCase().includes(typed));
    return alias ? `${model.typeName(i)} · ${shorten(alias, 40)}` : model.typeName(i);
  };
  function key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (found.length) active = (active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      draw();
      options.children[active]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && (asking || active >= 0)) {
      event.preventDefault();
      // Whoever types fast means what the suggestions will be.
      if (asking) asking.then(() => setTimeout(() => active >= 0 && choose(active)));
      else choose(active);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (!input.value) input.blur();
      input.value = "";
      close();
    }
  }
  function choose(k) {
    const node = found[k];
    input.value = "";
    close();
    input.blur();
    onChoose(node);
  }
  function close() {
    [found, active] = [[], -1];
    options.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  return { element: h("div", { class: "searchbox" }, input, options), input };
}
