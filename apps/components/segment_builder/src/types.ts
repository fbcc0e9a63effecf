// What Python sends and what goes back. Definitions are the documents of `segments.definition`.

export type Path = number[];
export type Value = unknown;

export interface Rule {
  id?: string;
  disabled?: boolean;
  kind: "attribute" | "event" | "related" | "segment" | "list";
  [part: string]: Value;
}

export interface Group {
  id?: string;
  disabled?: boolean;
  combinator: "and" | "or";
  not?: boolean;
  rules: Node[];
}

export type Node = Rule | Group;

export type FieldType = "text" | "code" | "number" | "integer" | "boolean" | "date";

export interface Field {
  name: string;
  label: string;
  type: FieldType;
  group?: string;
  unit?: string;
  description?: string;
  nulls?: string; // what an empty value means; absent where there is none
  source?: string;
  deprecated?: string;
  words?: string; // what else people call it
  listed?: boolean; // its values can be asked for
}

export interface Entity {
  name: string;
  label: string;
  description?: string;
  fields: Field[];
}

export interface Named {
  key: string;
  name: string;
  note?: string;
}

export interface Catalogue {
  revision: string;
  groups: { name: string; label: string }[];
  attributes: Field[];
  events: Entity[];
  related: Entity[];
  segments: Named[];
  lists: Named[];
}

export interface Message {
  text: string;
  mend?: string;
}

export interface Step {
  alone: number;
  after: number;
  without: number;
}

export interface Question {
  id: string;
  kind: "values" | "distribution";
  owner: string;
  field: string;
  text: string;
}

export interface ValuesAnswer {
  items: [Value, string, number | null][];
  more: boolean;
}

export interface DistributionAnswer {
  bars: { label: string; count: number; share: number }[];
  facts: [string, string][];
}

export interface Data {
  texts: Record<string, string>;
  catalogue: Catalogue;
  document: { root: Group };
  revision: number;
  readOnly?: boolean;
  seen: number; // the last change that the figures below know of
  pending: boolean;
  count: number | null;
  base: number | null;
  note?: string;
  problems: Record<string, Message[]>;
  steps: Record<string, Step>;
  labels: Record<string, Record<string, string>>;
  answers: Record<string, ValuesAnswer | DistributionAnswer>;
}

export const isGroup = (node: Node): node is Group => Array.isArray((node as Group).rules);
