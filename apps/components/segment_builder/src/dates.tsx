// Days and stretches of days, fixed or moving with the day of the count.
import { useShared } from "./context";
import { NumberInput, Select } from "./inputs";
import { UNITS } from "./kinds";

type Relative = { relative: { offset: number | undefined; unit: string } };
type Window = Record<string, any>;
const isRelative = (value: unknown): value is Relative => !!value && typeof value === "object" && "relative" in (value as object);

export function useUnits(): [string, string][] {
  const { t } = useShared();
  return UNITS.map((unit) => [unit, t(`unit_${unit}`)]);
}

/** The calendar of the browser writes days in its own order; the definition has YYYY-MM-DD. */
export function Day({ label, value, onChange }: { label: string; value: unknown; onChange: (value: string | undefined) => void }) {
  return (
    <input type="date" aria-label={label} title={label} value={typeof value === "string" ? value : ""} min="1900-01-01" max="2100-12-31"
      onChange={(event) => onChange(event.target.value || undefined)} />
  );
}

export function DateValue({ label, value, onChange }: { label: string; value: unknown; onChange: (value: unknown) => void }) {
  const { t } = useShared();
  const units = useUnits();
  const relative = isRelative(value) ? value.relative : null;
  const mode = !relative ? "day" : relative.offset === 0 ? "today" : (relative.offset ?? -1) < 0 ? "ago" : "ahead";
  const set = (offset: number | undefined, unit: string) => onChange({ relative: { offset, unit } });
  const change = (to: string) => {
    if (to === "day") onChange(undefined);
    else if (to === "today") set(0, "day");
    else set((to === "ago" ? -1 : 1) * Math.abs(relative?.offset || 30), relative?.unit ?? "day");
  };
  return (
    <span className="parts">
      {mode === "day" && <Day label={label} value={value} onChange={onChange} />}
      {relative && mode !== "today" && (
        <>
          <NumberInput label={label} value={relative.offset === undefined ? undefined : Math.abs(relative.offset)} whole least={1}
            onChange={(count) => set(count === undefined ? undefined : (mode === "ago" ? -count : count), relative.unit)} />
          <Select label={t("unit_of_time")} value={relative.unit} options={units} onChange={(unit) => set(relative.offset, unit)} />
        </>
      )}
      <Select label={t("date_kind")} value={mode} onChange={change}
        options={[["day", t("date_day")], ["today", t("date_today")], ["ago", t("date_ago")], ["ahead", t("date_ahead")]]} />
    </span>
  );
}

const KINDS = ["last", "this", "previous", "between", "dates", "all", "next"];
const kindOf = (window: Window) =>
  "from" in window || "to" in window ? "dates" : KINDS.find((kind) => kind in window) ?? "last";

function started(kind: string): Window {
  switch (kind) {
    case "this": case "previous": return { [kind]: "month" };
    case "between": return { between: [3, 6], unit: "month" };
    case "dates": return { from: null, to: null };
    case "all": return { all: true };
    default: return { [kind]: 30, unit: "day" };
  }
}

/** `past` leaves out what lies ahead: events have not happened yet. */
export function WindowInput({ label, value, onChange, past = false }: {
  label: string; value: unknown; onChange: (value: Window) => void; past?: boolean;
}) {
  const { t } = useShared();
  const units = useUnits();
  const window: Window = value && typeof value === "object" ? (value as Window) : started("last");
  const kind = kindOf(window);
  const kinds = KINDS.filter((each) => (past ? each !== "next" : each !== "all"));
  return (
    <span className="parts" role="group" aria-label={label}>
      <Select label={label} value={kind} options={kinds.map((each) => [each, t(`window_${each}`)])} onChange={(to) => onChange(started(to))} />
      {(kind === "last" || kind === "next") && (
        <>
          <NumberInput label={t("how_many")} value={window[kind]} whole least={1} onChange={(count) => onChange({ ...window, [kind]: count })} />
          <Select label={t("unit_of_time")} value={window.unit} options={units} onChange={(unit) => onChange({ ...window, unit })} />
        </>
      )}
      {(kind === "this" || kind === "previous") && (
        <Select label={t("unit_of_time")} value={window[kind]} options={UNITS.map((unit) => [unit, t(`this_${unit}`)])} onChange={(unit) => onChange({ [kind]: unit })} />
      )}
      {kind === "between" && (
        <>
          <NumberInput label={t("from")} value={window.between[0]} whole least={0} onChange={(near) => onChange({ ...window, between: [near, window.between[1]] })} />
          <span className="word">{t("and_word")}</span>
          <NumberInput label={t("to")} value={window.between[1]} whole least={1} onChange={(far) => onChange({ ...window, between: [window.between[0], far] })} />
          <Select label={t("unit_of_time")} value={window.unit} options={units} onChange={(unit) => onChange({ ...window, unit })} />
          <span className="word">{t("ago_word")}</span>
        </>
      )}
      {kind === "dates" && (
        <>
          <Day label={t("from")} value={window.from} onChange={(from) => onChange({ ...window, from: from ?? null })} />
          <span className="word">—</span>
          <Day label={t("to")} value={window.to} onChange={(to) => onChange({ ...window, to: to ?? null })} />
        </>
      )}
    </span>
  );
}
