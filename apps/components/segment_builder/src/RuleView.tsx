// One condition: its editor, what is wrong with it, how many it keeps, and what can be done to it.
import { useEffect, useRef } from "react";
import { focusIfBegun, onRowKey, useActions } from "./actions";
import { CountBar } from "./CountBar";
import { useLevel, useProblems, useShared } from "./context";
import { dragHandlers, useDrop } from "./drag";
import { AttributeEditor, EventEditor, MembershipEditor, RelatedEditor, Where } from "./editors";
import { Icon, IconButton } from "./icons";
import { Menu } from "./Menu";
import { Problems } from "./Problems";
import { isComplete, replaceAt } from "./tree";
import type { Rule } from "./types";

const EDITORS = { attribute: AttributeEditor, event: EventEditor, related: RelatedEditor, segment: MembershipEditor, list: MembershipEditor };

export function RuleView(props: any) {
  const { schema, path, parentMuted } = props;
  const rule = props.rule as Rule & { muted?: boolean };
  const { data, t } = useShared();
  const { isRoot } = useLevel();
  const act = useActions(schema, path);
  const drop = useDrop(schema, path, false);
  const problems = useProblems(rule.id);
  const Editor = EDITORS[rule.kind];
  const unfinished = !isComplete(rule);
  const off = !!rule.muted;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => focusIfBegun(rule.id, row.current), []);
  const change = (made: Rule) => schema.dispatchQuery(replaceAt(schema.getQuery(), path, { ...made, id: rule.id, muted: rule.muted }));
  const names = ["node", "rule", off || parentMuted ? "off" : "", unfinished ? "unfinished" : "", problems.length ? "wrong" : "", drop.side ?? ""];
  return (
    <div className={names.filter(Boolean).join(" ")} data-node={rule.id} data-testid="rule" ref={row} {...drop.handlers}>
      <Handle schema={schema} path={path} act={act} />
      <div className="rule-main">
        <fieldset className="rule-line" disabled={!!data.readOnly}>
          <legend className="hidden">{t("condition")}</legend>
          <Editor rule={rule} onChange={change} />
        </fieldset>
        {(rule.kind === "event" || rule.kind === "related") && <Where rule={rule} onChange={change} />}
        {unfinished && <p className="hint">{t("unfinished")}</p>}
        <Problems problems={problems} />
      </div>
      {isRoot && path.length === 1 && <CountBar id={rule.id} off={off} />}
      {!data.readOnly && <NodeTools act={act} off={off} />}
    </div>
  );
}

export function Handle({ schema, path, act }: { schema: any; path: number[]; act: ReturnType<typeof useActions> }) {
  const { data, t } = useShared();
  if (data.readOnly) return <span className="handle" />;
  return (
    <button type="button" className="handle" aria-label={t("handle")} title={t("handle")} aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete Control+D"
      {...dragHandlers({ builder: schema.qbId, path }, () => undefined)} onKeyDown={(event) => onRowKey(event, act)}
      onCopy={(event) => { event.clipboardData.setData("text/plain", act.text()); event.preventDefault(); act.copy(); }}
      onPaste={(event) => { event.stopPropagation(); act.pasteAfter(event.clipboardData.getData("text")); }}>
      <Icon name="grip" />
    </button>
  );
}

export function NodeTools({ act, off }: { act: ReturnType<typeof useActions>; off: boolean }) {
  const { t } = useShared();
  return (
    <div className="tools">
      <IconButton icon={off ? "off" : "eye"} label={t(off ? "enable" : "disable")} pressed={off} onClick={act.toggle} />
      <Menu label={t("more")} items={[
        { label: t("clone"), keys: "Ctrl+D", onPick: act.clone },
        { label: t("copy"), keys: "Ctrl+C", onPick: act.copy },
        { label: t("wrap"), onPick: act.wrap },
        { label: t("move_up"), keys: "Alt+↑", onPick: act.up },
        { label: t("move_down"), keys: "Alt+↓", onPick: act.down },
      ]}><Icon name="more" /></Menu>
      <IconButton icon="close" label={t("remove")} onClick={act.remove} />
    </div>
  );
}
