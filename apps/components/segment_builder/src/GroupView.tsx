// A group of conditions: how they are joined, whether the whole is turned round, and what can be added.
import { RuleGroupBodyComponents, useRuleGroup } from "react-querybuilder";
import { useRef, useState } from "react";
import { begin, insertInto, keptCopy, useActions } from "./actions";
import { CountBar } from "./CountBar";
import { useLevel, useProblems, useShared } from "./context";
import { useDrop } from "./drag";
import { FieldPicker } from "./FieldPicker";
import { Icon } from "./icons";
import { Problems } from "./Problems";
import { Handle, NodeTools } from "./RuleView";
import { fromClipboard, newId, replaceAt, toQuery } from "./tree";

export function GroupView(props: any) {
  const group = useRuleGroup(props);
  const { schema, path } = props;
  const { data, t } = useShared();
  const { isRoot } = useLevel();
  const act = useActions(schema, path);
  const drop = useDrop(schema, path, true);
  const problems = useProblems(props.id);
  const { rules, not, muted, id } = props.ruleGroup;
  const outer = path.length > 0;
  const names = ["node", "group", outer ? "inner" : "outer", muted || props.parentMuted ? "off" : "", not ? "negated" : "", problems.length ? "wrong" : "", drop.side ?? ""];
  return (
    <div className={names.filter(Boolean).join(" ")} data-node={id} data-testid="group" {...drop.handlers}>
      <div className="group-head">
        {outer && <Handle schema={schema} path={path} act={act} />}
        {(rules.length > 1 || outer || isRoot) && <Joined schema={schema} path={path} group={props.ruleGroup} />}
        <span className="grow" />
        {outer && isRoot && path.length === 1 && <CountBar id={id} off={!!muted} />}
        {outer && !data.readOnly && <NodeTools act={act} off={!!muted} />}
      </div>
      <Problems problems={problems} />
      <div className="group-body">
        <RuleGroupBodyComponents {...group} />
        {!rules.length && <p className="hint">{t(outer ? "empty_group" : isRoot ? "everybody" : "empty_group")}</p>}
      </div>
      {!data.readOnly && <Add schema={schema} path={path} rules={rules} canGroup={isRoot || path.length < 2} />}
    </div>
  );
}

function Joined({ schema, path, group }: { schema: any; path: number[]; group: any }) {
  const { data, t } = useShared();
  const set = (change: object) => schema.dispatchQuery(replaceAt(schema.getQuery(), path, { ...group, ...change }));
  return (
    <fieldset className="joined" disabled={!!data.readOnly}>
      <legend className="hidden">{t("combinator")}</legend>
      {(["and", "or"] as const).map((each) => (
        <button key={each} type="button" aria-pressed={group.combinator === each} className={group.combinator === each ? "on" : ""}
          onClick={() => set({ combinator: each })}>{t(`join_${each}`)}</button>
      ))}
      <button type="button" aria-pressed={!!group.not} className={`not ${group.not ? "on" : ""}`} title={t("not_help")}
        onClick={() => set({ not: !group.not })}>{t("not")}</button>
    </fieldset>
  );
}

function Add({ schema, path, rules, canGroup }: { schema: any; path: number[]; rules: any[]; canGroup: boolean }) {
  const { t, say } = useShared();
  const { isRoot } = useLevel();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const put = (made: any) => schema.dispatchQuery(insertInto(schema.getQuery(), path, rules.length, made));
  const paste = async () => {
    const text = (await navigator.clipboard?.readText?.().catch(() => "")) || keptCopy();
    const node = fromClipboard(text);
    if (node) put(toQuery(node));
    else say(t("cannot_paste"));
  };
  return (
    <div className="add">
      <button ref={button} type="button" className={isRoot ? "button" : "link"} aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="plus" size={14} />{t(isRoot ? "add_rule" : "add_filter")}
      </button>
      {open && <FieldPicker anchor={button} onClose={() => setOpen(false)} onPick={(choice) => { setOpen(false); const rule = toQuery(choice.rule()); begin(rule.id); put(rule); }} />}
      {canGroup && (
        <button type="button" className="link" onClick={() => put({ id: newId(), combinator: "or", not: false, rules: [] })}>
          <Icon name="group" size={14} />{t("add_group")}
        </button>
      )}
      {isRoot && <button type="button" className="link" onClick={paste}><Icon name="paste" size={14} />{t("paste")}</button>}
    </div>
  );
}
