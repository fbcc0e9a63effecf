import { useEffect, useId, useState } from "react";
import type { Choice } from "./types";

export function Line({ label, children, hint }: { label: string; children: (id: string) => any; hint?: string }) {
  const id = useId();
  return (
    <div className="line">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint && <small>{hint}</small>}
    </div>
  );
}

export function Pick(props: {
  label: string; value: string | null | undefined; options: Choice[]; empty?: string; onChange: (value: string | null) => void; off: boolean;
  hint?: string;
}) {
  const { value, options } = props, isGone = !!value && !options.some((each) => each.value === value);
  return (
    <Line label={props.label} hint={props.hint}>
      {(id) => (
        <select id={id} value={value ?? ""} disabled={props.off} onChange={(event) => props.onChange(event.target.value || null)}>
          {props.empty !== undefined && <option value="">{props.empty}</option>}
          {isGone && <option value={value!}>{value}</option>}
          {options.map((each) => <option key={each.value} value={each.value}>{each.label}</option>)}
        </select>
      )}
    </Line>
  );
}

export function Text(props: { label: string; value: string; onChange: (value: string) => void; off: boolean; long?: boolean; most: number; hint?: string }) {
  const common = { value: props.value ?? "", disabled: props.off, maxLength: props.most };
  return (
    <Line label={props.label} hint={props.hint}>
      {(id) => props.long
        ? <textarea id={id} rows={4} {...common} onChange={(event) => props.onChange(event.target.value)} />
        : <input id={id} {...common} onChange={(event) => props.onChange(event.target.value)} />}
    </Line>
  );
}

/** A number that may be half written; what is no number is not handed on, and goes when the field is left. */
export function Figure(props: {
  label: string; value: number; onChange: (value: number) => void; off: boolean; least?: number; most?: number; whole?: boolean; hint?: string;
}) {
  const [text, setText] = useState(String(props.value ?? ""));
  useEffect(() => setText((old) => (read(old) === props.value ? old : String(props.value ?? ""))), [props.value]);
  const least = props.least ?? 0, most = props.most ?? 1e9;
  const fits = (found: number) => Number.isFinite(found) && found >= least && found <= most && (!props.whole || Number.isInteger(found));
  return (
    <Line label={props.label} hint={props.hint}>
      {(id) => (
        <input id={id} inputMode="decimal" value={text} disabled={props.off} aria-invalid={!fits(read(text))}
          onBlur={() => setText(String(props.value ?? ""))}
          onChange={(event) => {
            setText(event.target.value);
            if (fits(read(event.target.value))) props.onChange(read(event.target.value));
          }} />
      )}
    </Line>
  );
}

const UNITS = [["minutes", 1], ["hours", 60], ["days", 1440]] as const;

/** A length of time, kept in minutes, said in the largest unit that fits. */
export function Duration(props: { label: string; value: number; onChange: (value: number) => void; off: boolean; texts: Record<string, string> }) {
  const fitting = props.value > 0 ? [...UNITS].reverse().find(([, size]) => props.value % size === 0)![1] : 60;
  const [unit, setUnit] = useState<number>(fitting);
  useEffect(() => { if (props.value % unit !== 0) setUnit(fitting); }, [props.value]);
  return (
    <div className="pair">
      <Figure label={props.label} value={props.value / unit} least={1} most={Math.floor(527040 / unit)} whole off={props.off}
        onChange={(count) => props.onChange(count * unit)} />
      <Pick label={props.texts.unit} value={String(unit)} off={props.off}
        options={UNITS.map(([name, size]) => ({ value: String(size), label: props.texts[name] }))}
        onChange={(size) => { setUnit(Number(size)); if (props.value) props.onChange(Math.max(1, Math.round(props.value / unit)) * Number(size)); }} />
    </div>
  );
}

function read(text: string): number {
  const plain = String(text).trim().replace(/\s/g, "").replace(",", ".");
  return plain === "" ? NaN : Number(plain);
}
