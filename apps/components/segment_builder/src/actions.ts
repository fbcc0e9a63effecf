// What can be done to a condition or group as a whole; the menu, the keys and the clipboard all come here.
import { move, remove } from "react-querybuilder";
import { useShared } from "./context";
import { fresh, fromClipboard, fromQuery, newId, nodeAt, replaceAt, toQuery } from "./tree";

let kept = ""; // where the browser gives no clipboard (pages without TLS), what was copied here can be pasted here

export const keptCopy = () => kept;

let begun = ""; // the rule that was just added: the next thing that somebody types is its value

export const begin = (id: string) => { begun = id; };

/** Puts the focus into a rule that was just added. */
export function focusIfBegun(id: string | undefined, row: HTMLElement | null) {
  if (!id || id !== begun || !row) return;
  begun = "";
  const line = row.querySelector(".rule-line");
  const found = line?.querySelector<HTMLElement>("input, .pick") ?? line?.querySelector<HTMLElement>("select");
  found?.focus();
}

export function keep(text: string) {
  kept = text;
  navigator.clipboard?.writeText(text).catch(() => undefined);
}

/** The tree with `made` put in as the `place`-th part of the group at `path`. */
export function insertInto(query: any, path: number[], place: number, made: any): any {
  const group = nodeAt(query, path);
  return replaceAt(query, path, { ...group, rules: [...group.rules.slice(0, place), made, ...group.rules.slice(place)] });
}

export function useActions(schema: any, path: number[]) {
  const { t, say } = useShared();
  const query = () => schema.getQuery();
  const put = (made: any) => schema.dispatchQuery(made);
  const [parent, place] = [path.slice(0, -1), path[path.length - 1]];
  const text = () => JSON.stringify(fromQuery(nodeAt(query(), path)), null, 2);
  const act = {
    clone: () => put(insertInto(query(), parent, place + 1, toQuery(fresh(fromQuery(nodeAt(query(), path)))))),
    remove: () => put(remove(query(), path)),
    toggle: () => {
      const node = nodeAt(query(), path);
      put(replaceAt(query(), path, { ...node, muted: !node.muted }));
    },
    up: () => put(move(query(), path, "up")),
    down: () => put(move(query(), path, "down")),
    wrap: () => put(replaceAt(query(), path, { id: newId(), combinator: "or", not: false, rules: [nodeAt(query(), path)] })),
    copy: () => { keep(text()); say(t("copied")); },
    text,
    pasteAfter: (from: string): boolean => {
      const node = fromClipboard(from);
      if (!node) { say(t("cannot_paste")); return false; }
      put(insertInto(query(), parent, place + 1, toQuery(node)));
      return true;
    },
  };
  return act;
}

/** Keys of a row, while its handle has the focus; in a field the keys are the field's. */
export function onRowKey(event: React.KeyboardEvent, act: ReturnType<typeof useActions>): void {
  const keys: Record<string, () => void> = {
    "alt+ArrowUp": act.up, "alt+ArrowDown": act.down, Delete: act.remove, "ctrl+d": act.clone, " ": act.toggle,
  };
  const name = `${event.altKey ? "alt+" : ""}${event.ctrlKey || event.metaKey ? "ctrl+" : ""}${event.key}`;
  if (!keys[name]) return;
  event.preventDefault();
  event.stopPropagation();
  keys[name]();
}
