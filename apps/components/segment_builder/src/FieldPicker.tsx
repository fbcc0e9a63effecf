// What a condition is about: everything that can be asked, grouped and searchable, with what is known of it beside.
import { useMemo, useRef, useState } from "react";
import { useLevel, useShared } from "./context";
import { FieldFacts } from "./FieldFacts";
import { Icon } from "./icons";
import { eventRule, fieldRule, fieldsOf, relatedRule } from "./kinds";
import { Popover } from "./Popover";
import { newId } from "./tree";
import type { Catalogue, Entity, Field, Rule } from "./types";

export interface Choice {
  id: string;
  label: string;
  heading: string;
  hint?: string;
  words: string;
  field?: Field;
  entity?: Entity;
  rule: () => Rule;
}

/** All that a rule of this level may be about, in the order in which it is shown. */
export function choicesOf(catalogue: Catalogue, owner: string, t: (key: string) => string): Choice[] {
  const named = Object.fromEntries(catalogue.groups.map((each) => [each.name, each.label]));
  const heading = (field: Field) => (field.group && named[field.group]) || t("fields");
  const about = (label: string, more?: string) => `${label} ${more ?? ""}`.toLocaleLowerCase();
  const made: Choice[] = fieldsOf(catalogue, owner).map((field) => ({
    id: `field:${field.name}`, label: field.label, heading: heading(field), hint: field.unit, field,
    words: about(field.label, `${field.name} ${heading(field)} ${field.words ?? ""}`), rule: () => fieldRule(field),
  }));
  if (owner) return made;
  const entity = (kind: string, each: Entity, rule: (entity: Entity) => Rule): Choice => ({
    id: `${kind}:${each.name}`, label: each.label, heading: t(kind), entity: each, words: about(each.label, `${each.name} ${t(kind)}`),
    rule: () => rule(each),
  });
  return [
    ...made,
    ...catalogue.events.map((each) => entity("events", each, eventRule)),
    ...catalogue.related.map((each) => entity("related", each, relatedRule)),
    ...catalogue.segments.map((each): Choice => ({
      id: `segment:${each.key}`, label: each.name, heading: t("segments"), hint: each.note, words: about(each.name, t("segments")),
      rule: () => ({ id: newId(), kind: "segment", segment: each.key, operator: "in" }),
    })),
    ...catalogue.lists.map((each): Choice => ({
      id: `list:${each.key}`, label: each.name, heading: t("lists"), hint: each.note, words: about(each.name, t("lists")),
      rule: () => ({ id: newId(), kind: "list", list: each.key, operator: "in" }),
    })),
  ];
}

export function FieldPicker({ anchor, onPick, onClose, only }: {
  anchor: React.RefObject<HTMLElement | null>; onPick: (choice: Choice) => void; onClose: () => void;
  only?: (choice: Choice) => boolean;
}) {
  const { data, t, wide } = useShared();
  const { owner } = useLevel();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const all = useMemo(() => choicesOf(data.catalogue, owner, t).filter(only ?? (() => true)), [data.catalogue, owner]);
  const shown = useMemo(() => found(all, text), [all, text]);
  const current = shown[Math.min(at, shown.length - 1)];

  const pick = (choice: Choice) => {
    anchor.current?.focus();
    onPick(choice);
  };
  const go = (to: number) => {
    const place = Math.max(0, Math.min(shown.length - 1, to));
    setAt(place);
    list.current?.querySelector(`[data-at="${place}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      go(to);
    } else if (event.key === "Enter" && current) {
      event.preventDefault();
      pick(current);
    }
  };

  return (
    <Popover anchor={anchor} onClose={onClose} width={wide ? 760 : 560} label={t("choose")}>
      <div className="picker" onKeyDown={onKeyDown}>
        <div className="picker-search">
          <Icon name="search" />
          <input type="search" value={text} placeholder={t("search")} role="combobox" aria-expanded="true"
            aria-controls="choices" aria-activedescendant={current && `choice-${current.id}`} aria-label={t("search")}
            onChange={(event) => { setText(event.target.value); setAt(0); }} />
        </div>
        <div className="picker-body">
          <ul className="choices" role="listbox" id="choices" ref={list} aria-label={t("choose")}>
            {shown.map((choice, place) => (
              <li key={choice.id} role="presentation">
                {!text.trim() && choice.heading !== shown[place - 1]?.heading && <div className="heading">{choice.heading}</div>}
                <div role="option" id={`choice-${choice.id}`} data-at={place} aria-selected={place === at}
                  className={`choice ${place === at ? "on" : ""}`} onPointerMove={() => place !== at && setAt(place)}
                  onClick={() => pick(choice)}>
                  <span>{choice.label}</span>
                  {(text.trim() || choice.hint) && <small>{text.trim() ? choice.heading : choice.hint}</small>}
                </div>
              </li>
            ))}
            {!shown.length && <li className="nothing">{t("nothing_found")}</li>}
          </ul>
          {current && (wide || current.field || current.entity) && (
            <aside className="about" aria-live="polite">
              <strong>{current.label}</strong>
              {current.field && <FieldFacts owner={owner} field={current.field} key={current.id} onDemand />}
              {current.entity?.description && <p>{current.entity.description}</p>}
              {current.entity && <p className="quiet">{current.entity.fields.map((each) => each.label).join(" · ")}</p>}
            </aside>
          )}
        </div>
      </div>
    </Popover>
  );
}

/** Choices that hold every word of the text, those first whose own name fits it best. */
function found(all: Choice[], text: string): Choice[] {
  const sought = text.trim().toLocaleLowerCase();
  const words = sought.split(/\s+/).filter(Boolean);
  if (!words.length) return all;
  const rank = (choice: Choice) => {
    const label = choice.label.toLocaleLowerCase();
    return label === sought ? 0 : label.startsWith(sought) ? 1 : words.every((word) => label.includes(word)) ? 2 : 3;
  };
  return all
    .filter((choice) => words.every((word) => choice.words.includes(word)))
    .map((choice, place) => ({ choice, place, rank: rank(choice) }))
    .sort((one, two) => one.rank - two.rank || (one.rank < 2 ? one.choice.label.length - two.choice.label.length : 0) || one.place - two.place)
    .map((each) => each.choice);
}
