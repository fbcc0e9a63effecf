// Undo and redo. Quick changes of the same place, such as typing, are one step.
import { useCallback, useRef, useState } from "react";

const KEPT = 200, TOGETHER_MS = 700;

interface State<T> { past: T[]; now: T; future: T[] }

export function useHistory<T>(first: T) {
  const [state, setState] = useState<State<T>>({ past: [], now: first, future: [] });
  const last = useRef({ shape: "", at: 0, typed: false });

  const set = useCallback((now: T, shape: string) => {
    const time = Date.now();
    const typed = shape === last.current.shape; // only a value has changed
    const joins = typed && last.current.typed && time - last.current.at < TOGETHER_MS;
    last.current = { shape, at: time, typed };
    setState((was) => ({ past: joins && was.past.length ? was.past : [...was.past, was.now].slice(-KEPT), now, future: [] }));
  }, []);
  const undo = useCallback(() => {
    last.current = { ...last.current, typed: false };
    setState((was) => was.past.length ? { past: was.past.slice(0, -1), now: was.past[was.past.length - 1], future: [was.now, ...was.future] } : was);
  }, []);
  const redo = useCallback(() => {
    setState((was) => was.future.length ? { past: [...was.past, was.now], now: was.future[0], future: was.future.slice(1) } : was);
  }, []);
  return { ...state, set, undo, redo };
}
