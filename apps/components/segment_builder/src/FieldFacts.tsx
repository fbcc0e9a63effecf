// What is known of a field: meaning, unit, source, what an empty value means, and how its values are spread.
import { useEffect, useState } from "react";
import { formatted, useDistribution, useShared } from "./context";
import type { Field } from "./types";

export function FieldFacts({ owner, field, onDemand = false }: { owner: string; field: Field; onDemand?: boolean }) {
  const { ask, t } = useShared();
  const [wanted, setWanted] = useState(!onDemand);
  const known = useDistribution(owner, field.name);
  useEffect(() => {
    if (wanted && !known) ask({ kind: "distribution", owner, field: field.name, text: "" });
  }, [wanted, owner, field.name]);
  const facts = [
    ["unit", field.unit], ["null_meaning", field.nulls], ["source", field.source], ["deprecated", field.deprecated],
  ].filter((each): each is [string, string] => !!each[1]);
  return (
    <div className="facts">
      {field.description && <p>{field.description}</p>}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name} className={name === "deprecated" ? "warned" : ""}><dt>{t(name)}</dt><dd>{value}</dd></div>
        ))}
        {known?.facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
      {!wanted && !known && (
        <button type="button" className="link" onClick={() => setWanted(true)}>{t("show_distribution")}</button>
      )}
      {wanted && !known && <p className="quiet">{t("counting")}</p>}
      {known && (
        <div className="bars" role="img" aria-label={t("distribution")}>
          {known.bars.map((bar) => (
            <div className="bar-line" key={bar.label} title={`${bar.label}: ${formatted(bar.count)}`}>
              <span className="bar-name">{bar.label}</span>
              <span className="bar-track"><i style={{ width: `${Math.max(1, bar.share * 100)}%` }} /></span>
              <span className="bar-count">{formatted(bar.count)}</span>
            </div>
          ))}
          {!known.bars.length && <p className="quiet">{t("nothing_found")}</p>}
        </div>
      )}
    </div>
  );
}
