// The whole: headline with the count, undo and redo, and the tree of conditions.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Bare } from "./Bare";
import { formatted, questionId, share, SharedContext, type Shared } from "./context";
import { useHistory } from "./history";
import { IconButton } from "./icons";
import { insertInto } from "./actions";
import { Problems } from "./Problems";
import { fromClipboard, fromQuery, toQuery } from "./tree";
import type { Data, Question } from "./types";

const DEBOUNCE_MS = 250, POLL_MS = 200, ASKED = 12;

export interface Calls {
  setValue: (value: object) => void;
  setAsked: (asked: Question[]) => void;
  poll: (turn: number) => void;
}

export function Builder({ data, calls }: { data: Data; calls: Calls }) {
  const history = useHistory<any>(useMemo(() => toQuery(data.document.root), []));
  const [said, say] = useState("");
  const [folded, fold] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const wide = useWidth(frame) >= 900;
  const { sequence: sent, flush } = useSending(data, history, calls);
  const ask = useAsking(data, calls);
  usePolling(data, calls);

  const texts = data.texts;
  const shared: Shared = useMemo(() => ({
    data, wide, ask, say, fresh: sent.current === data.seen && !data.pending,
    t: (key, values = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole)),
  }), [data, wide, ask, sent.current]);

  const onKey = (event: React.KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const step = event.code === "KeyZ" || key === "z" ? (event.shiftKey ? history.redo : history.undo) : event.code === "KeyY" || key === "y" ? history.redo : null;
    if (!step || data.readOnly) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  };
  const onPaste = (event: React.ClipboardEvent) => {
    if (data.readOnly || (event.target as HTMLElement).tagName === "INPUT") return;
    const node = fromClipboard(event.clipboardData.getData("text"));
    if (node) history.set(insertInto(history.now, [], history.now.rules.length, toQuery(node)), "paste");
  };
  return (
    <SharedContext.Provider value={shared}>
      <div className="builder" ref={frame} onKeyDown={onKey} onPaste={onPaste} onPointerLeave={flush} onBlur={flush} data-testid="segment-builder">
        <Headline history={history} folded={folded} onFold={() => fold(!folded)} />
        <Problems problems={data.problems[""] ?? []} />
        <div id="conditions" hidden={folded}>
          <Bare query={history.now} onChange={(query) => history.set(query, shapeOf(query))} />
        </div>
        <div className="hidden" role="status" aria-live="polite">{said}</div>
      </div>
    </SharedContext.Provider>
  );
}

function Headline({ history, folded, onFold }: { history: ReturnType<typeof useHistory<any>>; folded: boolean; onFold: () => void }) {
  return (
    <SharedContext.Consumer>
      {({ data, fresh, t }) => (
        <header className="headline">
          <div className={`total ${fresh ? "" : "stale"}`} aria-live="polite" data-testid="count" data-fresh={fresh}>
            <b>{formatted(data.count)}</b>
            <span>{data.base ? t("of_base", { share: share(data.count, data.base), base: formatted(data.base) }) : ""}</span>
          </div>
          <span className="note">{fresh ? data.note : t("counting")}</span>
          <span className="grow" />
          {!data.readOnly && (
            <>
              <IconButton icon="undo" label={`${t("undo")} (Ctrl+Z)`} disabled={!history.past.length} onClick={history.undo} />
              <IconButton icon="redo" label={`${t("redo")} (Ctrl+Y)`} disabled={!history.future.length} onClick={history.redo} />
            </>
          )}
          <IconButton icon={folded ? "chevron" : "fold"} label={t(folded ? "unfold" : "fold")} pressed={folded} onClick={onFold} />
        </header>
      )}
    </SharedContext.Consumer>
  );
}

/** The tree without its values: two states of the same shape that follow quickly are one step of undo. */
function shapeOf(query: any): string {
  return JSON.stringify(query, (key, value) => (key === "value" || key === "window" || key === "before" ? undefined : value));
}

/** Hands the definition to Python when it has rested for a moment, and takes over one that Python has loaded. */
function useSending(data: Data, history: ReturnType<typeof useHistory<any>>, calls: Calls) {
  const sequence = useRef(data.seen);
  const revision = useRef(data.revision);
  const latest = useRef<any>(history.now);
  const waiting = useRef<(() => void) | null>(null);
  useEffect(() => {
    if (revision.current === data.revision) return;
    revision.current = data.revision;
    latest.current = toQuery(data.document.root);
    sequence.current = data.seen;
    history.set(latest.current, `loaded ${data.revision}`);
  }, [data.revision]);
  useEffect(() => {
    if (latest.current === history.now) return;
    latest.current = history.now;
    sequence.current += 1;
    waiting.current = () => {
      waiting.current = null;
      calls.setValue({ root: fromQuery(history.now), revision: revision.current, sequence: sequence.current });
    };
    const timer = setTimeout(() => waiting.current?.(), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [history.now]);
  return { sequence, flush: () => waiting.current?.() };
}

/** Questions to Python, the last few of them at a time; an answer that has come is not asked for again. */
function useAsking(data: Data, calls: Calls) {
  const asked = useRef<Question[]>([]);
  const answers = useRef(data.answers);
  answers.current = data.answers;
  return useMemo(() => (question: Omit<Question, "id">) => {
    const id = questionId(question.kind, question.owner, question.field, question.text);
    if (id in answers.current || asked.current.some((each) => each.id === id)) return;
    asked.current = [...asked.current, { ...question, id }].slice(-ASKED);
    calls.setAsked(asked.current);
  }, []);
}

/** While a count is under way Python has to be asked how far it is; it cannot call by itself. */
function usePolling(data: Data, calls: Calls) {
  const turn = useRef(0);
  useEffect(() => {
    if (!data.pending) return;
    const timer = setTimeout(() => calls.poll(++turn.current), POLL_MS);
    return () => clearTimeout(timer);
  }, [data]);
}

function useWidth(frame: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(1000);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry.contentRect.width));
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  return width;
}
