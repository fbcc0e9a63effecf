// Which comparisons a type has, and what a new rule starts as.
import type { Catalogue, Entity, Field, FieldType, Rule } from "./types";
import { newId } from "./tree";

const TEXT = ["in", "notIn", "=", "!=", "contains", "doesNotContain", "beginsWith", "doesNotBeginWith", "endsWith", "doesNotEndWith", "null", "notNull"];
const NUMBER = [">=", "<=", ">", "<", "=", "!=", "between", "notBetween", "in", "notIn", "null", "notNull"];
const DATE = ["within", "notWithin", ">=", "<=", ">", "<", "=", "!=", "between", "notBetween", "null", "notNull"];

export const OPERATORS: Record<FieldType, string[]> = {
  text: ["contains", "doesNotContain", "=", "!=", "beginsWith", "doesNotBeginWith", "endsWith", "doesNotEndWith", "in", "notIn", "null", "notNull"],
  code: TEXT,
  number: NUMBER,
  integer: NUMBER,
  boolean: ["=", "null", "notNull"],
  date: DATE,
};
export const COUNTED = [">=", "<=", "=", "!=", ">", "<", "between", "notBetween"];
export const FUNCTIONS = ["count", "days", "sum", "average", "minimum", "maximum", "first", "last", "never", "stopped"];
export const MEASURED = ["sum", "average", "minimum", "maximum"];
export const UNITS = ["day", "week", "month", "quarter", "year"];
export const WITH_FIELD = ["=", "!=", "<", "<=", ">", ">="];

export const isNumeric = (type: FieldType) => type === "number" || type === "integer";

/** Families of types that may be compared with each other. */
export const family = (type: FieldType) => (isNumeric(type) ? "number" : type === "code" ? "text" : type);

/** The value that a rule keeps when its comparison changes: its own where the shapes agree, else an empty one. */
export function valueFor(operator: string, value: unknown, before: string): unknown {
  const shape = (name: string) =>
    ["within", "notWithin"].includes(name) ? "window"
    : ["between", "notBetween"].includes(name) ? "pair"
    : ["in", "notIn"].includes(name) ? "list"
    : ["null", "notNull"].includes(name) ? "none" : "one";
  const [old, now] = [shape(before), shape(operator)];
  if (old === now) return value;
  if (now === "window") return { last: 30, unit: "day" };
  if (now === "list") return old === "one" && value !== undefined && value !== "" && typeof value !== "object" ? [value] : [];
  if (now === "one" && old === "list" && Array.isArray(value) && value.length === 1) return value[0];
  if (now === "pair") return old === "one" && typeof value === "number" ? [value, undefined] : [undefined, undefined];
  if (now === "one" && old === "pair" && Array.isArray(value)) return value[0] ?? undefined;
  return undefined;
}

/** A new rule on a field. */
export function fieldRule(field: Field): Rule {
  const operator = OPERATORS[field.type][0];
  return { id: newId(), kind: "attribute", field: field.name, operator, value: firstValue(field, operator) };
}

function firstValue(field: Field, operator: string): unknown {
  if (field.type === "boolean") return true;
  return valueFor(operator, undefined, "=") ?? undefined;
}

export function eventRule(entity: Entity): Rule {
  return {
    id: newId(), kind: "event", event: entity.name, measure: { function: "count" }, operator: ">=", value: 1,
    window: { last: 30, unit: "day" },
  };
}

export const relatedRule = (entity: Entity): Rule => ({ id: newId(), kind: "related", entity: entity.name, quantifier: "any" });

/** Fields that a rule of `owner` may name: attributes of the profile, or those of an event or object. */
export function fieldsOf(catalogue: Catalogue, owner: string): Field[] {
  if (!owner) return catalogue.attributes;
  return [...catalogue.events, ...catalogue.related].find((each) => each.name === owner)?.fields ?? [];
}

export const entityOf = (catalogue: Catalogue, rule: Rule): Entity | undefined =>
  rule.kind === "event"
    ? catalogue.events.find((each) => each.name === rule.event)
    : catalogue.related.find((each) => each.name === rule.entity);
