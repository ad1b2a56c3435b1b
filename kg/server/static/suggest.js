// Suggestions under the search box: a combobox over /api/suggest. Without this script the form still works.
"use strict";
(() => {
  const input = document.getElementById("q");
  if (!input) return;
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  input.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) input.setAttribute(name, value);
  let chosen = -1, timer = 0, asked = 0;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (place) => {
    const rows = list.children;
    chosen = (place + rows.length) % rows.length;
    [...rows].forEach((row, i) => row.setAttribute("aria-selected", String(i === chosen)));
    rows[chosen].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", rows[chosen].id);
  };
  const show = (suggestions) => {
    list.replaceChildren(...suggestions.map((one, i) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      const note = document.createElement("small");
      row.id = `suggestion-${i}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.dataset.path = one.path;
      name.className = "name";
      name.dir = "auto";
      name.textContent = one.name;
      note.textContent = one.papers ? `${one.type} · ${one.papers.toLocaleString("en")}` : one.type;
      row.append(name, note);
      return row;
    }));
    chosen = -1;
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  const ask = async () => {
    const mine = ++asked;
    if (!input.value.trim()) return close();
    try {
      const answer = await fetch(`/api/suggest?q=${encodeURIComponent(input.value)}`);
      if (answer.ok && mine === asked) show((await answer.json()).suggestions);
    } catch {
      close();
    }
  };
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 80); });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    // a search box would empty itself at Escape: the first one only closes the list
    if (event.key === "Escape") { event.preventDefault(); asked++; close(); }
    else if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen < 0 ? -1 : chosen - 1); }
    else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); location.href = list.children[chosen].dataset.path; }
  });
  list.addEventListener("mousedown", (event) => {
    const row = event.target.closest("li");
    if (row) { event.preventDefault(); location.href = row.dataset.path; }
  });
  input.addEventListener("blur", close);
})();
