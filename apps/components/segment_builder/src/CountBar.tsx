// The waterfall beside a condition: whom it fits alone, and who is left after it.
import { formatted, share, useShared } from "./context";

export function CountBar({ id, off }: { id?: string; off: boolean }) {
  const { data, fresh, t } = useShared();
  const step = data.steps[id ?? ""];
  if (!step || !data.base || off) return <div className="count-bar none" aria-hidden="true" />;
  const width = (count: number) => `${Math.max(count ? 1 : 0, (100 * count) / data.base!)}%`;
  const said = t("step_help", { alone: formatted(step.alone), after: formatted(step.after), without: formatted(step.without) });
  return (
    <div className={`count-bar ${fresh ? "" : "stale"}`} role="img" aria-label={said} title={said}>
      <div className="count-line"><b>{formatted(step.after)}</b><span>{share(step.after, data.base)}</span></div>
      <div className="track"><i className="alone" style={{ width: width(step.alone) }} /><i className="left" style={{ width: width(step.after) }} /></div>
      <div className="count-line quiet"><span>{t("alone")}</span><span>{formatted(step.alone)}</span></div>
    </div>
  );
}
