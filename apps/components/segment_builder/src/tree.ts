// Between the definition's tree and react-querybuilder's. The shapes agree but for the mark of a part that is left out:
// the definition says `disabled`, which in react-querybuilder locks a part; there the word is `muted`.
import type { Group, Node, Rule } from "./types";
import { isGroup } from "./types";

type Query = any; // react-querybuilder's own types know one kind of rule only

const KEYS: Record<string, string[]> = {
  attribute: ["field", "operator", "value", "nulls", "valueSource"],
  event: ["event", "measure", "operator", "value", "window", "before", "where", "nulls"],
  related: ["entity", "quantifier", "operator", "value", "where"],
  segment: ["segment", "operator"],
  list: ["list", "operator"],
};

let last = 0;

/** A short id that no other node of this page has. */
export function newId(): string {
  last += 1;
  return `n${last.toString(36)}${Math.random().toString(36).slice(2, 7)}`;
}

/** The definition's tree as react-querybuilder's, every node with an id. */
export function toQuery(node: Node): Query {
  const { disabled, ...rest } = node;
  const marks = { id: node.id ?? newId(), ...(disabled ? { muted: true } : {}) };
  if (isGroup(node)) {
    return { ...marks, combinator: node.combinator ?? "and", not: !!node.not, rules: node.rules.map(toQuery) };
  }
  const where = (node as Rule).where as Group | undefined;
  return { ...rest, ...marks, ...(where ? { where: withIds(where) } : {}) };
}

/** react-querybuilder's tree as the definition's: only what the format knows, defaults left out. */
export function fromQuery(query: Query): Node {
  const marks = { ...(query.id ? { id: query.id } : {}), ...(query.muted || query.disabled ? { disabled: true } : {}) };
  if (Array.isArray(query.rules)) {
    return {
      combinator: query.combinator === "or" ? "or" : "and",
      ...(query.not ? { not: true } : {}),
      rules: query.rules.map(fromQuery),
      ...marks,
    } as Group;
  }
  const rule: Rule = { kind: query.kind };
  for (const key of KEYS[query.kind] ?? []) if (query[key] !== undefined) rule[key] = query[key];
  if (rule.where) rule.where = fromQuery(rule.where);
  return { ...rule, ...marks };
}

/** The same tree with an id on every node that has none, inner filters too. */
export function withIds(node: Node): Node {
  return fromQuery(toQuery(node));
}

/** A copy whose nodes are nobody else's. */
export function fresh(node: Node): Node {
  if (isGroup(node)) return { ...node, id: newId(), rules: node.rules.map(fresh) };
  const where = node.where as Group | undefined;
  return { ...node, id: newId(), ...(where ? { where: fresh(where) } : {}) };
}

/** The tree with the node at `path` replaced. */
export function replaceAt(query: Query, path: number[], made: Query): Query {
  if (!path.length) return made;
  const [step, ...more] = path;
  return { ...query, rules: query.rules.map((each: Query, at: number) => (at === step ? replaceAt(each, more, made) : each)) };
}

export function nodeAt(query: Query, path: number[]): Query {
  return path.reduce((node, step) => node.rules[step], query);
}

/** What a pasted text holds, as a node with ids of its own; null when it is no part of a definition. */
export function fromClipboard(text: string): Node | null {
  if (text.length > 200_000) return null;
  let found: any;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  const node = found?.root ?? found;
  return isNode(node) ? fresh(withIds(node)) : null;
}

function isNode(node: any): boolean {
  if (!node || typeof node !== "object") return false;
  if (Array.isArray(node.rules)) return node.rules.every(isNode);
  return node.kind in KEYS && (node.where === undefined || isNode(node.where));
}

/** Whether a rule is written to its end; what is not is left out of the count and marked, which is no error. */
export function isComplete(rule: Rule): boolean {
  const bare = ["null", "notNull"].includes(rule.operator as string);
  const compared = () => !!rule.operator && (bare || hasValue(rule.operator as string, rule.value));
  switch (rule.kind) {
    case "attribute":
      return !!rule.field && compared();
    case "event": {
      const measure = rule.measure as { function: string; field?: string };
      if (!rule.event || !windowStands(rule.window)) return false;
      if (["sum", "average", "minimum", "maximum"].includes(measure.function) && !measure.field) return false;
      return ["never", "stopped"].includes(measure.function) || compared();
    }
    case "related":
      return !!rule.entity && (rule.quantifier !== "count" || compared());
    default:
      return !!(rule.segment || rule.list);
  }
}

function hasValue(operator: string, value: Value): boolean {
  if (operator === "within" || operator === "notWithin") return windowStands(value);
  if (operator === "between" || operator === "notBetween") return Array.isArray(value) && value.length === 2 && value.every(isSet);
  if (operator === "in" || operator === "notIn") return Array.isArray(value) && value.length > 0;
  return isSet(value) && !Array.isArray(value);
}

type Value = unknown;
const isSet = (value: Value) => value !== undefined && value !== null && value !== "";

function windowStands(window: any): boolean {
  if (!window || typeof window !== "object") return false;
  if ("last" in window) return window.last >= 1;
  if ("next" in window) return window.next >= 1;
  if ("between" in window) return window.between.every(isSet) && window.between[0] < window.between[1];
  if ("from" in window || "to" in window) return !!(window.from || window.to);
  return !!(window.all || window.this || window.previous);
}
