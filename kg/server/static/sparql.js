// The SPARQL editor (@zazuko/yasgui), where it is built in; without it, or without scripts, the form stays.
"use strict";
(() => {
  const { Yasgui, Yasqe } = window;
  const place = document.getElementById("editor");
  const form = document.getElementById("plain");
  if (!Yasgui || !place || !form) return;
  const editor = Yasqe || Yasgui.Yasqe;
  const known = JSON.parse(place.dataset.known);
  const parameters = new URLSearchParams(location.search);
  const text = parameters.get("query") || document.getElementById("query").value;
  // The server knows these prefixes; the editor's own check wants them declared.
  const used = Object.entries(known.prefixes).filter(([prefix]) =>
    new RegExp(`(^|[^\\w:-])${prefix}:`).test(text) && !new RegExp(`prefix\\s+${prefix}:`, "i").test(text));
  const asked = used.map(([prefix, iri]) => `PREFIX ${prefix}: <${iri}>\n`).join("") + text;

  // Yasgui's own completers ask other hosts for prefixes and terms; these know what this graph knows.
  const forks = { prefixes: "ownPrefixes", class: "ownClasses", property: "ownProperties" };
  for (const [name, own] of Object.entries(forks)) {
    editor.forkAutocompleter(name, { name: own, bulk: true, persistenceId: null, get: () => known[own] }, false);
  }
  editor.defaults.autocompleters = [...Object.values(forks), "variables"];
  editor.defaults.prefixCcApi = null;
  editor.defaults.createShareableLink = (yasqe) => {
    const link = new URL("/sparql", location.href);
    link.searchParams.set("query", yasqe.getValue());
    return link.href;
  };

  document.getElementById("answer")?.remove();
  form.hidden = true;
  place.hidden = false;
  const yasgui = new Yasgui(place, {
    requestConfig: { endpoint: new URL("/sparql", location.href).href, method: "POST" },
    copyEndpointOnNewTab: true,
    populateFromUrl: false,
    persistenceId: null,
    endpointCatalogueOptions: { getData: () => [] },
    yasqe: { value: asked, persistenceId: null },
    yasr: { prefixes: known.prefixes, persistenceId: null },
  });
  const tab = yasgui.getTab() || yasgui.addTab(true);
  tab.setQuery(asked);
  if (parameters.get("query")) tab.query();
})();
