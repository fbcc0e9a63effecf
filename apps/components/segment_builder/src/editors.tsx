// The editor of each kind of condition.
import { useMemo, useRef, useState } from "react";
import { begin } from "./actions";
import { Bare } from "./Bare";
import { NullsSwitch, OperatorSelect, ValueInput } from "./Comparison";
import { LevelContext, useLevel, useShared } from "./context";
import { WindowInput } from "./dates";
import { FieldFacts } from "./FieldFacts";
import { FieldPicker, type Choice } from "./FieldPicker";
import { Icon, IconButton } from "./icons";
import { Select } from "./inputs";
import { COUNTED, entityOf, fieldsOf, FUNCTIONS, isNumeric, MEASURED, OPERATORS, WITH_FIELD } from "./kinds";
import { Popover } from "./Popover";
import { fromQuery, newId, toQuery } from "./tree";
import type { Field, Group, Rule } from "./types";

export interface EditorProps {
  rule: Rule;
  onChange: (rule: Rule) => void;
}

/** The name of what a rule is about; a click chooses something else, keeping the rule's place. */
export function Subject({ rule, label, badge, onChange, only, missing = false }: EditorProps & {
  label: string; badge?: string; only?: (choice: Choice) => boolean; missing?: boolean;
}) {
  const { t } = useShared();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button ref={button} type="button" className={`subject ${missing ? "missing" : ""}`} aria-haspopup="dialog" aria-expanded={open}
        aria-label={`${badge ? `${badge}: ` : ""}${label}. ${t("choose_other")}`} onClick={() => setOpen(!open)}>
        {badge && <small>{badge}</small>}
        <span>{label}</span>
        <Icon name="chevron" size={14} />
      </button>
      {open && (
        <FieldPicker anchor={button} only={only} onClose={() => setOpen(false)}
          onPick={(choice) => {
            const { disabled, id } = rule;
            onChange({ ...choice.rule(), id, ...(disabled ? { disabled } : {}) });
            setOpen(false);
          }} />
      )}
    </>
  );
}

export function Facts({ owner, field }: { owner: string; field: Field }) {
  const { t } = useShared();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button ref={button} type="button" className="icon-button quiet" title={t("about_field")} aria-label={`${t("about_field")}: ${field.label}`}
        aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="info" />
      </button>
      {open && (
        <Popover anchor={button} onClose={() => setOpen(false)} width={380} label={field.label}>
          <div className="about alone"><strong>{field.label}</strong><FieldFacts owner={owner} field={field} /></div>
        </Popover>
      )}
    </>
  );
}

export function AttributeEditor({ rule, onChange }: EditorProps) {
  const { data, t } = useShared();
  const { owner } = useLevel();
  const field = fieldsOf(data.catalogue, owner).find((each) => each.name === rule.field);
  if (!field) return <Subject rule={rule} label={String(rule.field)} onChange={onChange} missing />;
  const bare = ["null", "notNull"].includes(rule.operator as string);
  const comparable = WITH_FIELD.includes(rule.operator as string) && !owner;
  return (
    <>
      <Subject rule={rule} label={field.label} onChange={onChange} />
      <Facts owner={owner} field={field} />
      <OperatorSelect rule={rule} operators={OPERATORS[field.type]} date={field.type === "date"}
        onChange={(made) => onChange(WITH_FIELD.includes(made.operator as string) ? made : withoutSource(made, rule))} />
      <ValueInput field={field} rule={rule} onChange={onChange} />
      {comparable && (
        <IconButton icon="swap" label={t(rule.valueSource === "field" ? "with_value" : "with_field")} pressed={rule.valueSource === "field"}
          onClick={() => onChange(rule.valueSource === "field" ? withoutSource({ ...rule, value: undefined }, rule) : { ...rule, valueSource: "field", value: undefined })} />
      )}
      {field.nulls && !bare && <NullsSwitch rule={rule} meaning={field.nulls} onChange={onChange} />}
    </>
  );
}

function withoutSource(made: Rule, before: Rule): Rule {
  const { valueSource, ...rest } = made;
  return (before.valueSource === "field" ? { ...rest, value: rest.operator === before.operator ? undefined : rest.value } : rest) as Rule;
}

export function EventEditor({ rule, onChange }: EditorProps) {
  const { data, t } = useShared();
  const entity = entityOf(data.catalogue, rule);
  if (!entity) return <Subject rule={rule} label={String(rule.event)} badge={t("event")} onChange={onChange} missing />;
  const measure = rule.measure as { function: string; field?: string };
  const numbers = entity.fields.filter((each) => isNumeric(each.type));
  const bare = measure.function === "never" || measure.function === "stopped";
  const dated = measure.function === "first" || measure.function === "last";
  const counted: Field = dated
    ? { name: "", label: t("value"), type: "date" }
    : { name: "", label: t("value"), type: MEASURED.includes(measure.function) ? "number" : "integer",
        unit: numbers.find((each) => each.name === measure.field)?.unit };
  const choose = (name: string) => onChange(measured(rule, name, numbers));
  const known = FUNCTIONS.filter((each) => !MEASURED.includes(each) || numbers.length);
  return (
    <>
      <Subject rule={rule} label={entity.label} badge={t("event")} onChange={onChange} />
      <Select label={t("measure")} value={measure.function} options={known.map((each) => [each, t(`fn_${each}`)])} onChange={choose} />
      {MEASURED.includes(measure.function) && (
        <Select label={t("measured_field")} value={measure.field ?? ""} options={numbers.map((each) => [each.name, each.label])}
          onChange={(field) => onChange({ ...rule, measure: { ...measure, field } })} />
      )}
      {!bare && <OperatorSelect rule={rule} operators={dated ? OPERATORS.date.slice(0, -2) : COUNTED} date={dated} onChange={onChange} />}
      {!bare && <ValueInput field={counted} rule={rule} onChange={onChange} />}
      <span className="word">{t(measure.function === "stopped" ? "silent_for" : "within_period")}</span>
      <WindowInput label={t("period")} value={rule.window} past onChange={(window) => onChange({ ...rule, window })} />
      {measure.function === "stopped" && (
        <>
          <span className="word">{t("but_before")}</span>
          <WindowInput label={t("but_before")} value={rule.before ?? { all: true }} past onChange={(before) => onChange({ ...rule, before })} />
        </>
      )}
      {(MEASURED.includes(measure.function) || dated) && <NullsSwitch rule={rule} onChange={onChange} />}
    </>
  );
}

/** The same rule with another measure; what the new one has no use for is dropped. */
function measured(rule: Rule, name: string, numbers: Field[]): Rule {
  const { operator, value, before, nulls, ...rest } = rule;
  const measure = MEASURED.includes(name) ? { function: name, field: numbers[0]?.name } : { function: name };
  const made = { ...rest, measure } as Rule;
  if (name === "never") return made;
  if (name === "stopped") return { ...made, window: { last: 30, unit: "day" }, before: before ?? { last: 6, unit: "month" } };
  const wasDate = ["first", "last"].includes((rule.measure as { function: string }).function);
  const isDate = name === "first" || name === "last";
  if (isDate) return { ...made, operator: wasDate ? operator : "within", value: wasDate ? value : { last: 30, unit: "day" } };
  return wasDate || operator === undefined ? { ...made, operator: ">=", value: 1 } : { ...made, operator, value };
}

export function RelatedEditor({ rule, onChange }: EditorProps) {
  const { data, t } = useShared();
  const entity = entityOf(data.catalogue, rule);
  if (!entity) return <Subject rule={rule} label={String(rule.entity)} badge={t("related_one")} onChange={onChange} missing />;
  const change = (quantifier: string) => {
    const { operator, value, ...rest } = rule;
    onChange((quantifier === "count" ? { ...rest, quantifier, operator: ">=", value: 2 } : { ...rest, quantifier }) as Rule);
  };
  return (
    <>
      <Subject rule={rule} label={entity.label} badge={t("related_one")} onChange={onChange} />
      <Select label={t("quantifier")} value={rule.quantifier as string} onChange={change}
        options={["any", "all", "none", "count"].map((each) => [each, t(`related_${each}`)])} />
      {rule.quantifier === "count" && (
        <>
          <OperatorSelect rule={rule} operators={COUNTED} date={false} onChange={onChange} />
          <ValueInput field={{ name: "", label: t("value"), type: "integer" }} rule={rule} onChange={onChange} />
        </>
      )}
    </>
  );
}

export function MembershipEditor({ rule, onChange }: EditorProps) {
  const { data, t } = useShared();
  const isList = rule.kind === "list";
  const key = String(isList ? rule.list : rule.segment);
  const found = (isList ? data.catalogue.lists : data.catalogue.segments).find((each) => each.key === key);
  return (
    <>
      <Subject rule={rule} label={found?.name ?? key} badge={t(isList ? "list" : "segment")} onChange={onChange} missing={!found} />
      <Select label={t("comparison")} value={rule.operator as string} onChange={(operator) => onChange({ ...rule, operator })}
        options={["in", "notIn"].map((each) => [each, t(`member_${each}`)])} />
      {found?.note && <span className="word">{found.note}</span>}
    </>
  );
}

/** Filters inside a rule on an event or object: the same builder, on that one's fields. */
export function Where({ rule, onChange }: EditorProps) {
  const { t } = useShared();
  const owner = String(rule.kind === "event" ? rule.event : rule.entity);
  const where = rule.where as Group | undefined;
  const query = useMemo(() => (where ? toQuery(where) : null), [where]);
  const change = (made: unknown) => {
    const group = fromQuery(made) as Group;
    const { where: _, ...rest } = rule;
    onChange((group.rules.length ? { ...rest, where: group } : rest) as Rule);
  };
  return (
    <LevelContext.Provider value={{ owner, isRoot: false }}>
      {query
        ? <div className="where"><span className="where-word">{t("where")}</span><Bare query={query} onChange={change} /></div>
        : <AddFilter onPick={(choice) => { const first = choice.rule(); begin(first.id!); change({ id: newId(), combinator: "and", rules: [first] }); }} />}
    </LevelContext.Provider>
  );
}

function AddFilter({ onPick }: { onPick: (choice: Choice) => void }) {
  const { t } = useShared();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button ref={button} type="button" className="link" onClick={() => setOpen(!open)}><Icon name="plus" size={14} />{t("add_filter")}</button>
      {open && <FieldPicker anchor={button} onClose={() => setOpen(false)} onPick={(choice) => { onPick(choice); setOpen(false); }} />}
    </>
  );
}
