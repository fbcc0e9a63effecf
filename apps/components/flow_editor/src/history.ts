import { useCallback, useRef, useState } from "react";
import type { Doc } from "./types";

const MOST = 100, SAME_MS = 900;

/** The document with its past: changes with the same `tag` that follow each other quickly are one step back. */
export function useHistory(first: Doc) {
  const [doc, setDoc] = useState(first);
  const now = useRef(first), past = useRef<Doc[]>([]), future = useRef<Doc[]>([]);
  const last = useRef({ tag: "", at: 0 });

  const put = useCallback((next: Doc) => { now.current = next; setDoc(next); }, []);
  const change = useCallback((next: Doc, tag = "") => {
    const at = Date.now(), isSame = tag !== "" && tag === last.current.tag && at - last.current.at < SAME_MS;
    if (!isSame) past.current = [...past.current, now.current].slice(-MOST);
    last.current = { tag, at };
    future.current = [];
    put(next);
  }, [put]);
  const reset = useCallback((next: Doc) => {
    past.current = []; future.current = []; last.current = { tag: "", at: 0 };
    put(next);
  }, [put]);
  const go = useCallback((from: typeof past, to: typeof past): Doc | null => {
    const next = from.current.at(-1);
    if (!next) return null;
    from.current = from.current.slice(0, -1);
    to.current = [...to.current, now.current];
    last.current = { tag: "", at: 0 };
    put(next);
    return next;
  }, [put]);
  return {
    doc, now, change, reset, undo: useCallback(() => go(past, future), [go]), redo: useCallback(() => go(future, past), [go]),
    canUndo: past.current.length > 0, canRedo: future.current.length > 0,
  };
}
