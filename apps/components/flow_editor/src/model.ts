// A flow as a document: what may be done with it, without a browser.
import type { Doc, DocEdge, DocNode, Kind } from "./types";

export const STEP_X = 290;
const STEP_Y = 150;

/** Through which ports a participant can leave a node; the same as campaigns.flow.nodes.ports. */
export function ports(kind: Kind, data: any): string[] {
  switch (kind) {
    case "fallback": return ["reached", "not_reached"];
    case "wait": return data?.mode === "until_event" ? ["happened", "timed_out"] : ["next"];
    case "condition": return ["yes", "no"];
    case "split": return (data?.branches ?? []).map((branch: any) => branch.key);
    case "control": return ["contacted", "control"];
    case "end": return [];
    default: return ["next"];
  }
}

export function fresh(kind: Kind): any {
  switch (kind) {
    case "message": return { channel: null, template: null };
    case "fallback": return { steps: [step("push", "read", 240), step("sms", "delivered", 120)], order: "given" };
    case "wait": return { mode: "for", minutes: 1440 };
    case "condition": return { test: { kind: "response", response: 2, of: null } };
    case "split": return { branches: [{ key: "a", name: "A", share: 50 }, { key: "b", name: "B", share: 50 }] };
    case "control": return { share_pct: 10 };
    case "task": return { title: "", description: "", due_days: 3, assignee: { kind: "manager" } };
    case "call_register": return { register: null, script: "", attempts: 3 };
    case "end": return { reason: "" };
    default: return {};
  }
}

export function step(channel: string | null = null, success = "delivered", wait = 60): any {
  return { channel, template: null, success, wait_minutes: wait };
}

export function newId(nodes: DocNode[]): string {
  const taken = new Set(nodes.map((node) => node.id));
  let number = nodes.length + 1;
  while (taken.has(`n${number}`)) number += 1;
  return `n${number}`;
}

/** Arrows whose ends and exits are all there, at most one from each exit. */
export function sound(doc: Doc): Doc {
  const known = new Map(doc.nodes.map((node) => [node.id, node]));
  const taken = new Set<string>();
  const edges = doc.edges.filter((edge) => {
    const source = known.get(edge.source), target = known.get(edge.target), key = `${edge.source}|${edge.port}`;
    const fits = source && target && target.kind !== "audience" && ports(source.kind, source.data).includes(edge.port);
    if (!fits || taken.has(key)) return false;
    taken.add(key);
    return true;
  });
  return { ...doc, edges };
}

export function connect(doc: Doc, source: string, port: string, target: string | null): Doc {
  const edges = doc.edges.filter((edge) => !(edge.source === source && edge.port === port));
  return sound({ ...doc, edges: target ? [...edges, { source, port, target }] : edges });
}

/** A new node; joined to the first free exit of `after`, and to what followed there when it has an exit itself. */
export function add(doc: Doc, kind: Kind, after: string | null, position?: { x: number; y: number }): { doc: Doc; id: string } {
  const id = newId(doc.nodes), before = doc.nodes.find((node) => node.id === after);
  const free = before && ports(before.kind, before.data).find((port) => !doc.edges.some((e) => e.source === before.id && e.port === port));
  const at = position ?? place(doc, before);
  const made: Doc = { ...doc, nodes: [...doc.nodes, { id, kind, position: at, data: fresh(kind) }] };
  return { doc: before && free && kind !== "audience" ? connect(made, before.id, free, id) : made, id };
}

function place(doc: Doc, before?: DocNode): { x: number; y: number } {
  const from = before?.position ?? rightmost(doc);
  const at = { x: from.x + STEP_X, y: from.y };
  while (doc.nodes.some((node) => near(node.position, at))) at.y += STEP_Y;
  return at;
}

function rightmost(doc: Doc): { x: number; y: number } {
  const all = doc.nodes.map((node) => node.position ?? { x: 0, y: 0 });
  return all.length ? all.reduce((best, each) => (each.x > best.x ? each : best)) : { x: -STEP_X, y: 0 };
}

function near(one: { x: number; y: number } | undefined, other: { x: number; y: number }): boolean {
  return !!one && Math.abs(one.x - other.x) < 220 && Math.abs(one.y - other.y) < 100;
}

/** Without these nodes; what led to one of them goes on to what followed it, where it had a single exit. */
export function remove(doc: Doc, ids: string[]): Doc {
  return ids.reduce((found, id) => {
    const out = found.edges.filter((edge) => edge.source === id), next = out.length === 1 ? out[0].target : null;
    const edges = found.edges
      .filter((edge) => edge.source !== id)
      .map((edge) => (edge.target === id && next && next !== id ? { ...edge, target: next } : edge))
      .filter((edge) => edge.target !== id);
    return sound({ ...found, nodes: found.nodes.filter((node) => node.id !== id), edges });
  }, doc);
}

export interface Clip { nodes: DocNode[]; edges: DocEdge[] }

export function copied(doc: Doc, ids: string[]): Clip {
  const nodes = doc.nodes.filter((node) => ids.includes(node.id) && node.kind !== "audience");
  const kept = new Set(nodes.map((node) => node.id));
  return structuredClone({ nodes, edges: doc.edges.filter((edge) => kept.has(edge.source) && kept.has(edge.target)) });
}

export function pasted(doc: Doc, clip: Clip): { doc: Doc; ids: string[] } {
  const names = new Map<string, string>();
  let made = doc;
  for (const node of clip.nodes) {
    const id = newId(made.nodes), at = node.position ?? { x: 0, y: 0 };
    names.set(node.id, id);
    made = { ...made, nodes: [...made.nodes, { ...structuredClone(node), id, position: { x: at.x + 40, y: at.y + STEP_Y } }] };
  }
  const edges = clip.edges.map((edge) => ({ ...edge, source: names.get(edge.source)!, target: names.get(edge.target)! }));
  const fresh = new Set(names.values());
  const own = made.nodes.map((node) => (fresh.has(node.id) ? pointed(node, names) : node));
  return { doc: { ...made, nodes: own, edges: [...made.edges, ...edges] }, ids: [...names.values()] };
}

function pointed(node: DocNode, names: Map<string, string>): DocNode {
  const renamed = (of: any) => (of && names.get(of)) || of;
  if (node.kind === "wait" && node.data.of) return { ...node, data: { ...node.data, of: renamed(node.data.of) } };
  if (node.kind === "condition" && node.data.test?.of)
    return { ...node, data: { test: { ...node.data.test, of: renamed(node.data.test.of) } } };
  return node;
}

/** Columns by the longest way from the audience (loops are cut), rows by the order of exits; nothing overlaps. */
export function laidOut(doc: Doc): Doc {
  const column = columns(doc), rows = new Map<number, number>(), row = new Map<string, number>();
  const visit = (id: string, wish: number) => {
    if (row.has(id)) return;
    const at = column.get(id) ?? 0, free = rows.get(at) ?? 0, mine = Math.max(wish, free);
    row.set(id, mine);
    rows.set(at, mine + 1);
    const node = doc.nodes.find((each) => each.id === id)!;
    let next = mine;
    for (const port of ports(node.kind, node.data)) {
      const edge = doc.edges.find((each) => each.source === id && each.port === port);
      if (edge && !row.has(edge.target) && (column.get(edge.target) ?? 0) > at) visit(edge.target, next++);
    }
  };
  const first = [...doc.nodes].sort((a, b) => Number(b.kind === "audience") - Number(a.kind === "audience"));
  for (const node of first) visit(node.id, node.kind === "audience" ? 0 : Math.max(0, ...rows.values()));
  const heights = doc.nodes.some((node) => ports(node.kind, node.data).length > 3) ? STEP_Y + 60 : STEP_Y + 20;
  const nodes = doc.nodes.map((node) => ({
    ...node, position: { x: (column.get(node.id) ?? 0) * STEP_X, y: (row.get(node.id) ?? 0) * heights },
  }));
  return { ...doc, nodes };
}

function columns(doc: Doc): Map<string, number> {
  const found = new Map<string, number>(), open = new Set<string>();
  const visit = (id: string, at: number) => {
    if (open.has(id) || (found.get(id) ?? -1) >= at) return;
    found.set(id, at);
    open.add(id);
    for (const edge of doc.edges) if (edge.source === id) visit(edge.target, at + 1);
    open.delete(id);
  };
  for (const node of doc.nodes) if (node.kind === "audience") visit(node.id, 0);
  for (const node of doc.nodes) if (!found.has(node.id)) visit(node.id, 0);
  return found;
}
