// Reads a GraphML or GEXF file with graphology and prints what it holds as JSON.
import { readFileSync } from "node:fs";
import graphology from "graphology";
import gexf from "graphology-gexf";
import graphml from "graphology-graphml";

const { MultiDirectedGraph, MultiUndirectedGraph } = graphology;
const [file, type] = process.argv.slice(2);
const kind = type === "undirected" ? MultiUndirectedGraph : MultiDirectedGraph;
const parse = file.endsWith(".gexf") ? gexf : graphml;
const graph = parse.parse(kind, readFileSync(file, "utf8"), { addMissingNodes: false });
process.stdout.write(JSON.stringify(graph.export()));
