// Bundles the web parts, run by bundle.py: the explorer into static/ and ../server/static/, YASGUI into the latter.

import { build } from "esbuild";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");

/** Name, version and licence text of packages. */
async function licences(names) {
  const parts = [];
  for (const name of [...names].sort()) {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file
      ? (await readFile(join(folder, file), "utf8")).trim()
      : "The package names its licence and holds no text of it.";
    parts.push(`${name} ${version} (${license})\n\n${text}\n`);
  }
  return parts.join("\n----\n\n");
}

/** The packages that bundled files came from. */
const packagesOf = (files) =>
  new Set(files.map((file) => file.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean));

/** A package and all that it depends on: YASGUI comes bundled, so its files do not tell. */
async function withDependencies(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const text = await readFile(join(root, "node_modules", name, "package.json"), "utf8");
  for (const other of Object.keys(JSON.parse(text).dependencies ?? {})) await withDependencies(other, found);
  return found;
}

async function explorer() {
  const out = join(here, "static");
  await rm(out, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { explorer: "kg/explorer/src/main.js" },
    bundle: true,
    minify: true,
    charset: "utf8",
    format: "iife",
    target: ["es2022"],
    legalComments: "none",
    metafile: true,
    outdir: out,
  });
  await build({
    absWorkingDir: root,
    entryPoints: { explorer: "kg/explorer/src/style.css" },
    minify: true,
    charset: "utf8",
    outdir: out,
  });
  await writeFile(join(out, "LICENCES.txt"), await licences(packagesOf(Object.keys(metafile.inputs))));
  const served = join(here, "..", "server", "static");
  await mkdir(served, { recursive: true });
  for (const [name, copy] of [
    ["explorer.js", "explorer.js"],
    ["explorer.css", "explorer.css"],
    ["LICENCES.txt", "explorer.LICENCES.txt"],
  ])
    await copyFile(join(out, name), join(served, copy));
}

async function yasgui() {
  const out = join(root, "kg", "server", "static");
  const folder = join(root, "node_modules", "@zazuko", "yasgui");
  await mkdir(out, { recursive: true });
  for (const kind of ["js", "css"]) {
    const text = await readFile(join(folder, "build", `yasgui.min.${kind}`), "utf8");
    await writeFile(join(out, `yasgui.${kind}`), text.replace(/\n?\/[/*][#@] sourceMappingURL=.*$/m, "\n"));
  }
  await writeFile(join(out, "yasgui.LICENCES.txt"), await licences(await withDependencies("@zazuko/yasgui")));
}

await explorer();
await yasgui();
