// What is done with a flow leaves it sound: no arrow without its ends, one from each exit, nobody cut off by a removal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";

const made = await build({ entryPoints: ["src/model.ts"], bundle: true, format: "esm", write: false });
const model = await import(`data:text/javascript;base64,${Buffer.from(made.outputFiles[0].text).toString("base64")}`);

const node = (id, kind, data = model.fresh(kind), x = 0) => ({ id, kind, data, position: { x, y: 0 } });
const FLOW = {
  version: 1,
  nodes: [node("a", "audience"), node("c", "control", undefined, 290), node("m", "message", undefined, 580), node("e", "end", undefined, 870)],
  edges: [{ source: "a", port: "next", target: "c" }, { source: "c", port: "contacted", target: "m" }, { source: "m", port: "next", target: "e" }],
};

test("a new step is joined to the free exit of the chosen one", () => {
  const { doc, id } = model.add({ ...FLOW, edges: FLOW.edges.slice(0, 2) }, "wait", "m");
  assert.deepEqual(doc.edges.at(-1), { source: "m", port: "next", target: id });
  assert.equal(new Set(doc.nodes.map((each) => each.id)).size, 5);
});

test("an exit leads to one place only, and never to the audience", () => {
  const again = model.connect(FLOW, "m", "next", "c");
  assert.deepEqual(again.edges.filter((edge) => edge.source === "m"), [{ source: "m", port: "next", target: "c" }]);
  assert.equal(model.connect(FLOW, "m", "next", "a").edges.some((edge) => edge.target === "a"), false);
});

test("who led to a removed step goes on to what followed it", () => {
  assert.deepEqual(model.remove(FLOW, ["m"]).edges.at(-1), { source: "c", port: "contacted", target: "e" });
});

test("a branch that is gone takes its arrow along", () => {
  const split = { ...FLOW, nodes: [...FLOW.nodes, node("s", "split")], edges: [...FLOW.edges, { source: "s", port: "b", target: "e" }] };
  const nodes = split.nodes.map((each) => (each.id === "s" ? { ...each, data: { branches: [each.data.branches[0]] } } : each));
  assert.equal(model.sound({ ...split, nodes }).edges.some((edge) => edge.source === "s"), false);
});

test("a copy has ids of its own and points to its own messages", () => {
  const asking = { id: "q", kind: "condition", data: { test: { kind: "response", response: 2, of: "m" } }, position: { x: 0, y: 0 } };
  const doc = { ...FLOW, nodes: [...FLOW.nodes, asking], edges: [...FLOW.edges.slice(0, 2), { source: "m", port: "next", target: "q" }] };
  const { doc: both, ids } = model.pasted(doc, model.copied(doc, ["m", "q", "a"]));
  assert.equal(ids.length, 2);
  const copy = both.nodes.find((each) => each.id === ids[1]);
  assert.equal(copy.data.test.of, ids[0]);
  assert.deepEqual(both.edges.at(-1), { source: ids[0], port: "next", target: ids[1] });
});

test("put in order, steps stand from left to right and none on another", () => {
  const doc = { ...FLOW, nodes: [...FLOW.nodes, node("x", "end")], edges: [...FLOW.edges, { source: "c", port: "control", target: "x" }] };
  const at = new Map(model.laidOut(doc).nodes.map((each) => [each.id, each.position]));
  for (const edge of doc.edges) assert.ok(at.get(edge.source).x < at.get(edge.target).x);
  assert.equal(new Set([...at.values()].map(({ x, y }) => `${x},${y}`)).size, doc.nodes.length);
});

test("a loop is put in order, too", () => {
  const doc = { ...FLOW, nodes: [...FLOW.nodes, node("w", "wait")], edges: [...FLOW.edges.slice(0, 2), { source: "m", port: "next", target: "w" }, { source: "w", port: "next", target: "m" }] };
  assert.equal(model.laidOut(doc).nodes.length, 5);
});
