// Plain inputs: a choice of few, a number, a text, several texts.
import { useEffect, useState } from "react";
import { Icon } from "./icons";
import { useShared } from "./context";

export function Select({ label, value, options, onChange, className = "" }: {
  label: string; value: string; options: [string, string][]; onChange: (value: string) => void; className?: string;
}) {
  return (
    <select aria-label={label} title={label} className={className} value={value} onChange={(event) => onChange(event.target.value)}>
      {!options.some(([each]) => each === value) && <option value={value}>{value}</option>}
      {options.map(([each, text]) => <option key={each} value={each}>{text}</option>)}
    </select>
  );
}

/** A number that may be half typed: what cannot be read yet is no value. */
export function NumberInput({ label, value, onChange, whole = false, least, placeholder }: {
  label: string; value: unknown; onChange: (value: number | undefined) => void; whole?: boolean; least?: number; placeholder?: string;
}) {
  const [text, setText] = useState(shown(value));
  useEffect(() => {
    if (read(text) !== value) setText(shown(value));
  }, [value]);
  const wrong = text.trim() !== "" && !accepts(text, whole, least);
  return (
    <input type="text" inputMode={whole ? "numeric" : "decimal"} aria-label={label} title={label} className="number" value={text}
      placeholder={placeholder} aria-invalid={wrong} size={Math.max(4, Math.min(14, text.length + 1))}
      onChange={(event) => {
        setText(event.target.value);
        onChange(accepts(event.target.value, whole, least) ? read(event.target.value) : undefined);
      }}
      onBlur={() => !wrong && setText(shown(read(text)))} />
  );
}

const plain = (text: string) => text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".").replace("−", "-");
const read = (text: string) => (plain(text) === "" ? undefined : Number(plain(text)));
const shown = (value: unknown) =>
  typeof value === "number" ? String(value).replace(".", ",").replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f") : "";

function accepts(text: string, whole: boolean, least?: number): boolean {
  const found = read(text);
  return found !== undefined && Number.isFinite(found) && (!whole || Number.isInteger(found)) && (least === undefined || found >= least);
}

export function TextInput({ label, value, onChange, placeholder }: {
  label: string; value: unknown; onChange: (value: string | undefined) => void; placeholder?: string;
}) {
  return (
    <input type="text" className="text" aria-label={label} title={label} value={typeof value === "string" ? value : ""} maxLength={1000}
      placeholder={placeholder} onChange={(event) => onChange(event.target.value || undefined)} />
  );
}

/** Several values typed one by one; a pasted column or a line with commas becomes as many. */
export function Tags<T extends string | number>({ label, value, onChange, parse }: {
  label: string; value: T[]; onChange: (value: T[]) => void; parse: (text: string) => T | undefined;
}) {
  const { t } = useShared();
  const [text, setText] = useState("");
  const take = (from: string) => {
    const found = from.split(/[\n;\t]+|,(?!\d)/).map((each) => parse(each.trim())).filter((each): each is T => each !== undefined);
    if (found.length) onChange([...new Set([...value, ...found])]);
    setText("");
  };
  return (
    <span className="tags">
      {value.map((each) => (
        <span className="tag" key={String(each)}>
          {String(each)}
          <button type="button" aria-label={`${t("remove")} ${each}`} onClick={() => onChange(value.filter((one) => one !== each))}>
            <Icon name="close" size={12} />
          </button>
        </span>
      ))}
      <input type="text" aria-label={label} value={text} placeholder={value.length ? "" : t("type_values")}
        onChange={(event) => setText(event.target.value)} onBlur={() => text.trim() && take(text)}
        onPaste={(event) => {
          event.preventDefault();
          event.stopPropagation();
          take(event.clipboardData.getData("text"));
        }}
        onKeyDown={(event) => {
          if ((event.key === "Enter" || event.key === ",") && text.trim()) {
            event.preventDefault();
            take(text);
          } else if (event.key === "Backspace" && !text && value.length) onChange(value.slice(0, -1));
        }} />
    </span>
  );
}
