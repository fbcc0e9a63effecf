/** What Python hands over, and what comes back. Words are in the reader's language; keys are those of the flow format. */
export type Kind =
  | "audience" | "message" | "fallback" | "wait" | "condition" | "split" | "control" | "task" | "call_register" | "end";

export interface DocNode { id: string; kind: Kind; position?: { x: number; y: number }; data: any }
export interface DocEdge { source: string; port: string; target: string }
export interface Doc { version: 1; nodes: DocNode[]; edges: DocEdge[] }
export interface Choice { value: string; label: string; channel?: string; note?: string }

export interface Data {
  texts: Record<string, string>;
  /** In the order of the palette. */
  kinds: { kind: Kind; label: string; hint: string }[];
  choices: { channels: Choice[]; templates: Choice[]; segments: Choice[]; rules: Choice[]; registers: Choice[]; departments: Choice[] };
  document: Doc;
  /** Grows when Python puts another document on the desk; the browser's own changes leave it as it is. */
  revision: number;
  readOnly: boolean;
  /** By node; "" holds those of the flow as a whole. */
  problems: Record<string, string[]>;
  phrases: Record<string, string>;
  /** While the campaign runs: lines on a node, and a figure on an arrow by "node|port". */
  figures: Record<string, { label: string; value: string; bad?: boolean }[]>;
  edgeFigures: Record<string, string>;
}

export interface Value { document: Doc; revision: number; sequence: number }
export interface Calls { setValue(value: Value): void; setSelected(id: string): void }
