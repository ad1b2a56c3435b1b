// Elements made from texts: nothing in this page turns a string into markup.

/**
 * Make an element. Properties that start with "on" are listeners, `class` and `aria-*` and the like are
 * attributes; children are nodes, texts, or nothing.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && key !== "list" && !key.startsWith("aria")) element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** Make an SVG element with attributes. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A link to a node of the graph: its address can be copied, a click stays on the page. */
export function nodeLink(model, i, onSelect, text = model.label(i)) {
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onSelect(i);
  };
  return h("a", { class: "link", href: `#${encodeURI(model.key(i))}`, dir: "auto", onclick }, text);
}

/** Say something to screen readers without moving the focus. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

/** Hand the user a file. */
export function download(name, blob) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

export const number = (count) => count.toLocaleString("en");

/** Remember something between visits where the browser allows it. */
export const memory = {
  get(key) {
    try {
      return localStorage.getItem(`abstractkg.${key}`);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`abstractkg.${key}`, value);
    } catch {
      // Not allowed in a sandboxed frame.
    }
  },
};
