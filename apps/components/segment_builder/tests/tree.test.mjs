// The definition's tree goes through react-querybuilder's and back without loss.
import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";

const made = await build({ entryPoints: ["src/tree.ts"], bundle: true, format: "esm", write: false });
const tree = await import(`data:text/javascript;base64,${Buffer.from(made.outputFiles[0].text).toString("base64")}`);

const ROOT = {
  combinator: "and", id: "r",
  rules: [
    { kind: "attribute", field: "debt_amount", operator: ">", value: 100000, nulls: "in", id: "a" },
    { kind: "event", event: "payments", measure: { function: "sum", field: "amount" }, operator: ">=", value: 3, window: { last: 30, unit: "day" },
      where: { combinator: "or", rules: [{ kind: "attribute", field: "method", operator: "in", value: ["cash"], id: "w1" }], id: "w" }, id: "e" },
    { combinator: "or", not: true, rules: [{ kind: "segment", segment: "sleeping", operator: "notIn", id: "s" }], id: "g", disabled: true },
    { kind: "list", list: "vip", operator: "in", id: "l", disabled: true },
  ],
};

test("a definition comes back as it was, ids and disabled parts included", () => {
  assert.deepEqual(tree.fromQuery(tree.toQuery(ROOT)), ROOT);
});

test("what react-querybuilder adds of its own does not get into the definition", () => {
  const query = tree.toQuery(ROOT);
  query.rules[0] = { ...query.rules[0], path: [0], valueSource: "value", matchMode: {} };
  assert.deepEqual(Object.keys(tree.fromQuery(query).rules[0]).sort(), ["field", "id", "kind", "nulls", "operator", "value", "valueSource"]);
});

test("nodes without ids get them once, and a copy shares none", () => {
  const bare = tree.withIds({ combinator: "and", rules: [{ kind: "related", entity: "devices", quantifier: "any", where: { combinator: "and", rules: [] } }] });
  assert.ok(bare.id && bare.rules[0].id && bare.rules[0].where.id);
  const copy = tree.fresh(bare);
  const ids = (node) => [node.id, ...(node.rules ?? []).flatMap(ids), ...(node.where ? ids(node.where) : [])];
  assert.equal(ids(bare).filter((id) => ids(copy).includes(id)).length, 0);
});

test("only parts of definitions can be pasted", () => {
  assert.equal(tree.fromClipboard("hello"), null);
  assert.equal(tree.fromClipboard('{"kind": "drop table"}'), null);
  assert.equal(tree.fromClipboard('{"combinator": "and", "rules": [{"no": 1}]}'), null);
  assert.equal(tree.fromClipboard(JSON.stringify({ version: 1, kind: "rules", root: ROOT })).rules.length, 4);
});

test("a rule is complete when it says all that its comparison needs", () => {
  const rule = (more) => tree.isComplete({ kind: "attribute", field: "x", operator: "between", ...more });
  assert.equal(rule({ value: [1, undefined] }), false);
  assert.equal(rule({ value: [1, 2] }), true);
  assert.equal(rule({ operator: "notNull" }), true);
  assert.equal(rule({ operator: "within", value: { between: [6, 3], unit: "month" } }), false);
  assert.equal(tree.isComplete({ kind: "event", event: "usage", measure: { function: "never" }, window: { all: true } }), true);
  assert.equal(tree.isComplete({ kind: "event", event: "usage", measure: { function: "sum" }, operator: ">", value: 1, window: { all: true } }), false);
});
