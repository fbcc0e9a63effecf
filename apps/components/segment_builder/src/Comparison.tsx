// How a field is compared, with what, and what becomes of those whose value is not known.
import { useRef, useState } from "react";
import { useLevel, useShared } from "./context";
import { DateValue, WindowInput } from "./dates";
import { FieldPicker } from "./FieldPicker";
import { Icon } from "./icons";
import { NumberInput, Select, Tags, TextInput } from "./inputs";
import { family, fieldsOf, isNumeric, valueFor } from "./kinds";
import { PickList } from "./PickList";
import type { Field, Rule } from "./types";

export function OperatorSelect({ rule, operators, date, onChange }: {
  rule: Rule; operators: string[]; date: boolean; onChange: (rule: Rule) => void;
}) {
  const { t } = useShared();
  const now = rule.operator as string;
  const named = (operator: string): [string, string] => [operator, t(`${date ? "date" : "op"}_${operator}`)];
  return (
    <Select className="operator" label={t("comparison")} value={now} options={operators.map(named)}
      onChange={(operator) => onChange(cleaned({ ...rule, operator, value: valueFor(operator, rule.value, now) }))} />
  );
}

const cleaned = (rule: Rule): Rule => {
  const made = { ...rule };
  if (made.value === undefined) delete made.value;
  return made;
};

/** The value of a rule on `field`, in the shape that its comparison takes. */
export function ValueInput({ field, rule, onChange }: { field: Field; rule: Rule; onChange: (rule: Rule) => void }) {
  const { t } = useShared();
  const operator = rule.operator as string;
  const set = (value: unknown) => onChange(cleaned({ ...rule, value }));
  if (operator === "null" || operator === "notNull") return null;
  if (rule.valueSource === "field") return <FieldValue field={field} rule={rule} onChange={onChange} />;
  if (operator === "within" || operator === "notWithin") return <WindowInput label={t("period")} value={rule.value} onChange={set} />;
  if (operator === "between" || operator === "notBetween") {
    const pair = Array.isArray(rule.value) ? rule.value : [undefined, undefined];
    const end = (place: number, label: string) => (
      <Single field={field} label={label} value={pair[place]} onChange={(value) => set(pair.map((each, at) => (at === place ? value : each)))} />
    );
    return <span className="parts">{end(0, t("from"))}<span className="word">{t("and_word")}</span>{end(1, t("to"))}<Unit field={field} /></span>;
  }
  if (operator === "in" || operator === "notIn") {
    const values = Array.isArray(rule.value) ? rule.value : [];
    if (field.listed) return <PickList field={field.name} label={field.label} value={values} onChange={set} many />;
    const parse = (text: string) => (isNumeric(field.type) ? number(text) : text || undefined);
    return <Tags label={field.label} value={values as string[]} onChange={set} parse={parse as (text: string) => string | undefined} />;
  }
  const listed = field.listed && (operator === "=" || operator === "!=");
  return (
    <span className="parts">
      {listed
        ? <PickList field={field.name} label={field.label} value={rule.value} onChange={set} many={false} />
        : <Single field={field} label={t("value")} value={rule.value} onChange={set} />}
      <Unit field={field} />
    </span>
  );
}

function number(text: string): number | undefined {
  const found = Number(text.replace(/[\s\u00a0\u202f]/g, "").replace(",", "."));
  return text.trim() && Number.isFinite(found) ? found : undefined;
}

function Unit({ field }: { field: Field }) {
  return field.unit && isNumeric(field.type) ? <span className="word">{field.unit}</span> : null;
}

function Single({ field, label, value, onChange }: { field: Field; label: string; value: unknown; onChange: (value: unknown) => void }) {
  const { t } = useShared();
  if (field.type === "date") return <DateValue label={label} value={value} onChange={onChange} />;
  if (isNumeric(field.type)) return <NumberInput label={label} value={value} onChange={onChange} whole={field.type === "integer"} />;
  if (field.type === "boolean") {
    return <Select label={label} value={String(value ?? true)} options={[["true", t("yes")], ["false", t("no")]]} onChange={(text) => onChange(text === "true")} />;
  }
  return <TextInput label={label} value={value} onChange={onChange} />;
}

function FieldValue({ field, rule, onChange }: { field: Field; rule: Rule; onChange: (rule: Rule) => void }) {
  const { data, t } = useShared();
  const { owner } = useLevel();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const other = fieldsOf(data.catalogue, owner).find((each) => each.name === rule.value);
  return (
    <>
      <button ref={button} type="button" className={`pick ${other ? "" : "empty"}`} aria-haspopup="dialog" onClick={() => setOpen(!open)}>
        <span className="pick-text">{other?.label ?? t("pick_field")}</span><Icon name="chevron" size={14} />
      </button>
      {open && (
        <FieldPicker anchor={button} onClose={() => setOpen(false)}
          only={(choice) => !!choice.field && family(choice.field.type) === family(field.type) && choice.field.name !== field.name}
          onPick={(choice) => { onChange({ ...rule, value: choice.field!.name }); setOpen(false); }} />
      )}
    </>
  );
}

/** Said openly, because most builders hide it: are those in whose value is not known? */
export function NullsSwitch({ rule, meaning, onChange }: { rule: Rule; meaning?: string; onChange: (rule: Rule) => void }) {
  const { t } = useShared();
  const taken = rule.nulls === "in";
  const { nulls: _, ...without } = rule;
  return (
    <button type="button" className={`chip ${taken ? "on" : ""}`} aria-pressed={taken} title={meaning ? `${t("nulls_help")} ${meaning}` : t("nulls_help")}
      onClick={() => onChange(taken ? (without as Rule) : { ...rule, nulls: "in" })}>
      {t(taken ? "nulls_in" : "nulls_out")}
    </button>
  );
}
