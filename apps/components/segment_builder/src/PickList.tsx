// One or several of the values that a field has, found by typing; their names are in the reader's language.
import { useEffect, useRef, useState } from "react";
import { formatted, useLabel, useLevel, useShared, useValues } from "./context";
import { Icon } from "./icons";
import { Popover } from "./Popover";

export function PickList({ field, label, value, onChange, many }: {
  field: string; label: string; value: unknown; onChange: (value: unknown) => void; many: boolean;
}) {
  const { t } = useShared();
  const { owner } = useLevel();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const named = useLabel(owner, field);
  const chosen: unknown[] = many ? (Array.isArray(value) ? value : []) : value === undefined || value === "" ? [] : [value];
  const toggle = (each: unknown) => {
    if (!many) {
      onChange(each);
      setOpen(false);
      button.current?.focus();
    } else onChange(chosen.includes(each) ? chosen.filter((one) => one !== each) : [...chosen, each]);
  };
  return (
    <>
      <button ref={button} type="button" className={`pick ${chosen.length ? "" : "empty"}`} aria-haspopup="listbox" aria-expanded={open}
        aria-label={`${label}: ${chosen.map(named).join(", ") || t("pick_value")}`} onClick={() => setOpen(!open)}>
        {chosen.length > 4
          ? <span className="pick-text">{chosen.slice(0, 3).map(named).join(", ")} <em>+{chosen.length - 3}</em></span>
          : <span className="pick-text">{chosen.map(named).join(", ") || t("pick_value")}</span>}
        <Icon name="chevron" size={14} />
      </button>
      {open && (
        <Popover anchor={button} onClose={() => setOpen(false)} width={340} label={label}>
          <Choices field={field} chosen={chosen} toggle={toggle} many={many} />
        </Popover>
      )}
    </>
  );
}

function Choices({ field, chosen, toggle, many }: {
  field: string; chosen: unknown[]; toggle: (value: unknown) => void; many: boolean;
}) {
  const { ask, t } = useShared();
  const { owner } = useLevel();
  const [text, setText] = useState("");
  const [sought, setSought] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const whole = useValues(owner, field, "");
  const answer = useValues(owner, field, sought);
  useEffect(() => {
    const timer = setTimeout(() => setSought(whole && !whole.more ? "" : text.trim().slice(0, 100)), text ? 250 : 0);
    return () => clearTimeout(timer);
  }, [text, whole]);
  useEffect(() => {
    if (!answer) ask({ kind: "values", owner, field, text: sought });
  }, [sought, owner, field]);
  const words = text.trim().toLocaleLowerCase();
  const items = ((answer ?? whole)?.items ?? []).filter(([value, name]) => `${name} ${value}`.toLocaleLowerCase().includes(words));
  const go = (to: number) => {
    const place = Math.max(0, Math.min(items.length - 1, to));
    setAt(place);
    list.current?.querySelector(`[data-at="${place}"]`)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <div className="picker" onKeyDown={(event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        go(at + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && items[at]) {
        event.preventDefault();
        toggle(items[at][0]);
      }
    }}>
      <div className="picker-search">
        <Icon name="search" />
        <input type="search" value={text} role="combobox" aria-expanded="true" aria-controls="values" aria-label={t("search")}
          aria-activedescendant={items[at] && `value-${at}`} placeholder={t("search")}
          onChange={(event) => { setText(event.target.value); setAt(0); }} />
      </div>
      <ul className="choices" role="listbox" id="values" aria-multiselectable={many} ref={list}>
        {items.map(([value, name, count], place) => (
          <li key={String(value)} role="option" id={`value-${place}`} data-at={place} aria-selected={chosen.includes(value)}
            className={`choice ${place === at ? "on" : ""}`} onPointerMove={() => place !== at && setAt(place)} onClick={() => toggle(value)}>
            <span className="tick">{chosen.includes(value) && <Icon name="check" size={14} />}</span>
            <span>{name}</span>
            {count !== null && <small>{formatted(count)}</small>}
          </li>
        ))}
        {!items.length && <li className="nothing">{answer ? t("nothing_found") : t("counting")}</li>}
        {answer?.more && <li className="nothing">{t("more_values")}</li>}
      </ul>
    </div>
  );
}
