import { Icon } from "./icons";
import { Duration, Figure, Pick, Text } from "./fields";
import { portLabel } from "./FlowNode";
import { ports, step } from "./model";
import type { Choice, Data, Doc, DocNode } from "./types";

interface Props {
  node: DocNode; doc: Doc; data: Data; off: boolean;
  change: (data: any, field: string) => void; lead: (port: string, target: string | null) => void; remove: () => void;
}

/** What is said of the node that is chosen: its fields, what is wrong with it, where its exits lead. */
export function Form(props: Props) {
  const { node, data } = props, texts = data.texts;
  const about = data.kinds.find((each) => each.kind === node.kind), problems = data.problems[node.id] ?? [];
  return (
    <div className="form" role="form" aria-label={about?.label} key={node.id}>
      <div className="form-head"><span className={`sign ${node.kind}`}><Icon name={node.kind} /></span><b>{about?.label}</b>
        {!props.off && node.kind !== "audience" && (
          <button type="button" className="icon-button" title={texts.delete} aria-label={texts.delete} onClick={props.remove}><Icon name="trash" /></button>
        )}
      </div>
      <p className="quiet">{about?.hint}</p>
      {problems.length > 0 && <ul className="problems">{problems.map((each) => <li key={each}><Icon name="warn" size={15} />{each}</li>)}</ul>}
      <Fields {...props} />
      <Exits {...props} />
    </div>
  );
}

function Exits({ node, doc, data, off, lead }: Props) {
  const texts = data.texts, exits = ports(node.kind, node.data);
  if (exits.length === 0) return null;
  const others = doc.nodes.filter((each) => each.id !== node.id && each.kind !== "audience")
    .map((each) => ({ value: each.id, label: nodeName(each, data) }));
  return (
    <fieldset className="part"><legend>{texts.leads_to}</legend>
      {exits.map((port) => (
        <Pick key={port} label={exits.length > 1 ? portLabel(node, port, texts) : texts.next_node} off={off} empty={texts.nowhere} options={others}
          value={doc.edges.find((edge) => edge.source === node.id && edge.port === port)?.target}
          onChange={(target) => lead(port, target)} />
      ))}
    </fieldset>
  );
}

export function nodeName(node: DocNode, data: Data): string {
  const kind = data.kinds.find((each) => each.kind === node.kind)?.label ?? node.kind, said = data.phrases[node.id];
  return said ? `${kind}: ${said}`.slice(0, 90) : `${kind} (${node.id})`;
}

function Fields(props: Props) {
  switch (props.node.kind) {
    case "message": return <Content value={props.node.data} {...props} change={(value) => props.change(value, "content")} />;
    case "fallback": return <Steps {...props} />;
    case "wait": return <Wait {...props} />;
    case "condition": return <Test {...props} />;
    case "split": return <Branches {...props} />;
    case "control":
      return <Figure label={props.data.texts.share} value={props.node.data.share_pct} least={0.1} most={99.9} off={props.off}
        hint={props.data.texts.share_hint} onChange={(share_pct) => props.change({ share_pct }, "share")} />;
    case "task": return <Task {...props} />;
    case "call_register": return <Calls {...props} />;
    case "end": return <Text label={props.data.texts.end_reason} value={props.node.data.reason} most={200} off={props.off}
      onChange={(reason) => props.change({ reason }, "reason")} />;
    default: return null;
  }
}

function Content({ value, data, off, change }: { value: any; data: Data; off: boolean; change: (value: any) => void }) {
  const { texts, choices } = data, fitting = choices.templates.filter((each) => each.channel === value.channel);
  return (
    <>
      <Pick label={texts.channel} value={value.channel} empty={texts.choose} options={choices.channels} off={off}
        onChange={(channel) => change({ ...value, channel, template: null })} />
      <Pick label={texts.template} value={value.template} empty={texts.choose} options={fitting} off={off || !value.channel}
        hint={value.channel && fitting.length === 0 ? texts.no_templates : undefined}
        onChange={(template) => change({ ...value, template })} />
    </>
  );
}

function Steps({ node, data, off, change }: Props) {
  const texts = data.texts, steps: any[] = node.data.steps ?? [];
  const put = (next: any[]) => change({ ...node.data, steps: next }, "steps");
  const move = (at: number, by: number) => {
    const next = [...steps];
    [next[at], next[at + by]] = [next[at + by], next[at]];
    put(next);
  };
  return (
    <>
      <Pick label={texts.order} value={node.data.order} off={off} onChange={(order) => change({ ...node.data, order }, "order")}
        options={["given", "expected_cost"].map((value) => ({ value, label: texts[`order_${value}`] }))} />
      {steps.map((each, at) => (
        <fieldset className="part" key={at}>
          <legend>{texts.try} {at + 1}
            {!off && <span className="moves">
              <button type="button" aria-label={texts.earlier} title={texts.earlier} disabled={at === 0} onClick={() => move(at, -1)}><Icon name="up" size={15} /></button>
              <button type="button" aria-label={texts.later} title={texts.later} disabled={at === steps.length - 1} onClick={() => move(at, 1)}><Icon name="down" size={15} /></button>
              <button type="button" aria-label={texts.delete} title={texts.delete} onClick={() => put(steps.filter((_, place) => place !== at))}><Icon name="close" size={15} /></button>
            </span>}
          </legend>
          <Content value={each} data={data} off={off} change={(value) => put(steps.map((old, place) => (place === at ? value : old)))} />
          <Pick label={texts.success} value={each.success} off={off}
            options={["delivered", "read", "interest"].map((value) => ({ value, label: texts[`success_${value}`] }))}
            onChange={(success) => put(steps.map((old, place) => (place === at ? { ...old, success } : old)))} />
          <Duration label={texts.wait_for_it} value={each.wait_minutes} texts={texts} off={off}
            onChange={(wait_minutes) => put(steps.map((old, place) => (place === at ? { ...old, wait_minutes } : old)))} />
        </fieldset>
      ))}
      {!off && steps.length < 8 && <button type="button" className="link" onClick={() => put([...steps, step()])}><Icon name="plus" size={15} />{texts.add_try}</button>}
    </>
  );
}

function senders(doc: Doc, data: Data, withCalls: boolean): Choice[] {
  const kinds = withCalls ? ["message", "fallback", "call_register"] : ["message", "fallback"];
  return doc.nodes.filter((each) => kinds.includes(each.kind)).map((each) => ({ value: each.id, label: nodeName(each, data) }));
}

function responses(texts: Data["texts"]): Choice[] {
  return ["1", "2", "3"].map((value) => ({ value, label: texts[`response_${value}`] }));
}

function Wait({ node, doc, data, off, change }: Props) {
  const texts = data.texts, found = node.data;
  const begin: Record<string, any> = {
    for: { mode: "for", minutes: 1440 }, until_date: { mode: "until_date", date: null, time: "10:00" },
    until_event: { mode: "until_event", response: 2, of: null, at_most_minutes: 2880 },
  };
  return (
    <>
      <Pick label={texts.wait_mode} value={found.mode} off={off} onChange={(mode) => change(begin[mode!], "mode")}
        options={Object.keys(begin).map((value) => ({ value, label: texts[`wait_${value}`] }))} />
      {found.mode === "for" && <Duration label={texts.how_long} value={found.minutes} texts={texts} off={off}
        onChange={(minutes) => change({ ...found, minutes }, "minutes")} />}
      {found.mode === "until_date" && <div className="pair">
        <Day label={texts.date} value={found.date} off={off} onChange={(date) => change({ ...found, date }, "date")} />
        <Clock label={texts.time} value={found.time} off={off} onChange={(time) => change({ ...found, time }, "time")} />
      </div>}
      {found.mode === "until_event" && <>
        <Pick label={texts.response} value={String(found.response)} options={responses(texts)} off={off}
          onChange={(value) => change({ ...found, response: Number(value) }, "response")} />
        <Pick label={texts.to_which} value={found.of} empty={texts.any_message} options={senders(doc, data, true)} off={off}
          onChange={(of) => change({ ...found, of }, "of")} />
        <Duration label={texts.at_most} value={found.at_most_minutes} texts={texts} off={off}
          onChange={(at_most_minutes) => change({ ...found, at_most_minutes }, "most")} />
      </>}
    </>
  );
}

function Day(props: { label: string; value: string | null; off: boolean; onChange: (value: string | null) => void }) {
  return <div className="line"><label>{props.label}
    <input type="date" value={props.value ?? ""} disabled={props.off} onChange={(event) => props.onChange(event.target.value || null)} /></label></div>;
}

function Clock(props: { label: string; value: string; off: boolean; onChange: (value: string) => void }) {
  return <div className="line"><label>{props.label}
    <input type="time" value={props.value} disabled={props.off} onChange={(event) => event.target.value && props.onChange(event.target.value)} /></label></div>;
}

function Test({ node, doc, data, off, change }: Props) {
  const { texts, choices } = data, test = node.data.test ?? {};
  const begin: Record<string, any> = {
    response: { kind: "response", response: 2, of: null }, status: { kind: "status", of: null, is: "delivered" },
    definition: { kind: "definition", root: null }, signal: { kind: "signal", rule: null },
  };
  const put = (value: any, field: string) => change({ test: value }, field);
  return (
    <>
      <Pick label={texts.what_is_asked} value={test.kind} off={off} onChange={(kind) => put(begin[kind!], "kind")}
        options={Object.keys(begin).map((value) => ({ value, label: texts[`test_${value}`] }))} />
      {test.kind === "response" && <>
        <Pick label={texts.response} value={String(test.response)} options={responses(texts)} off={off}
          onChange={(value) => put({ ...test, response: Number(value) }, "response")} />
        <Pick label={texts.to_which} value={test.of} empty={texts.any_message} options={senders(doc, data, true)} off={off}
          onChange={(of) => put({ ...test, of }, "of")} />
      </>}
      {test.kind === "status" && <>
        <Pick label={texts.of_which} value={test.of} empty={texts.choose} options={senders(doc, data, false)} off={off} onChange={(of) => put({ ...test, of }, "of")} />
        <Pick label={texts.status} value={test.is} off={off} onChange={(is) => put({ ...test, is }, "is")}
          options={["sent", "delivered", "failed"].map((value) => ({ value, label: texts[`status_${value}`] }))} />
      </>}
      {test.kind === "definition" && <Segment test={test} data={data} off={off} put={put} />}
      {test.kind === "signal" && <Pick label={texts.rule} value={test.rule} empty={texts.choose} options={choices.rules} off={off}
        onChange={(rule) => put({ ...test, rule }, "rule")} />}
    </>
  );
}

/** Conditions of the flow stand on segments, which have a builder of their own; other conditions are kept as they are. */
function Segment({ test, data, off, put }: { test: any; data: Data; off: boolean; put: (value: any, field: string) => void }) {
  const { texts, choices } = data, rules: any[] = test.root?.rules ?? [];
  const isOwn = test.root !== null && !(rules.length === 1 && rules[0].kind === "segment");
  const put1 = (segment: string | null, operator: string) =>
    put({ ...test, root: segment ? { combinator: "and", rules: [{ kind: "segment", segment, operator }] } : null }, "segment");
  return (
    <>
      {isOwn && <p className="quiet">{texts.own_conditions}</p>}
      <Pick label={texts.membership} value={rules[0]?.operator ?? "in"} off={off || isOwn}
        options={["in", "notIn"].map((value) => ({ value, label: texts[`operator_${value}`] }))}
        onChange={(operator) => put1(rules[0]?.segment ?? null, operator!)} />
      <Pick label={texts.segment} value={isOwn ? null : rules[0]?.segment} empty={texts.choose} options={choices.segments} off={off}
        onChange={(segment) => put1(segment, isOwn ? "in" : (rules[0]?.operator ?? "in"))} />
    </>
  );
}

function Branches({ node, data, off, change }: Props) {
  const texts = data.texts, branches: any[] = node.data.branches ?? [];
  const put = (next: any[]) => change({ branches: next }, "branches");
  const even = (next: any[]) => next.map((each, at) => ({ ...each, share: share(next.length, at) }));
  const key = () => "abcdefghijklmnopqrst".split("").find((each) => !branches.some((branch) => branch.key === each))!;
  const total = Math.round(branches.reduce((sum, each) => sum + each.share, 0) * 100) / 100;
  return (
    <>
      {branches.map((branch, at) => (
        <div className="branch" key={branch.key}>
          <Text label={texts.variant} value={branch.name} most={60} off={off} onChange={(name) => put(branches.map((old, place) => (place === at ? { ...old, name } : old)))} />
          <Figure label="%" value={branch.share} least={0.1} most={99.9} off={off}
            onChange={(value) => put(branches.map((old, place) => (place === at ? { ...old, share: value } : old)))} />
          {!off && branches.length > 2 && <button type="button" className="icon-button" aria-label={texts.delete} title={texts.delete}
            onClick={() => put(even(branches.filter((_, place) => place !== at)))}><Icon name="close" size={15} /></button>}
        </div>
      ))}
      <p className={Math.abs(total - 100) < 1e-6 ? "quiet" : "bad"}>{texts.total}: {total} %</p>
      {!off && <div className="buttons">
        {branches.length < 20 && <button type="button" className="link" onClick={() => { const own = key(); put(even([...branches, { key: own, name: own.toUpperCase(), share: 0 }])); }}><Icon name="plus" size={15} />{texts.add_variant}</button>}
        <button type="button" className="link" onClick={() => put(even(branches))}>{texts.even}</button>
      </div>}
    </>
  );
}

/** Whole percents that sum to 100. */
function share(count: number, at: number): number {
  return Math.floor(100 / count) + (at < 100 % count ? 1 : 0);
}

function Task({ node, data, off, change }: Props) {
  const texts = data.texts, found = node.data, whose = found.assignee ?? { kind: "manager" };
  const put = (more: any, field: string) => change({ ...found, ...more }, field);
  return (
    <>
      <Text label={texts.task_title} value={found.title} most={200} off={off} onChange={(title) => put({ title }, "title")} />
      <Text label={texts.task_description} value={found.description} most={2000} long off={off} onChange={(description) => put({ description }, "description")} />
      <Figure label={texts.due_days} value={found.due_days} most={365} whole off={off} onChange={(due_days) => put({ due_days }, "due")} />
      <Pick label={texts.assignee} value={whose.kind} off={off}
        options={["manager", "department"].map((value) => ({ value, label: texts[`assignee_${value}`] }))}
        onChange={(kind) => put({ assignee: kind === "manager" ? { kind } : { kind, department_id: null } }, "whose")} />
      {whose.kind === "department" && <Pick label={texts.department} value={whose.department_id} empty={texts.choose} options={data.choices.departments} off={off}
        onChange={(department_id) => put({ assignee: { kind: "department", department_id } }, "department")} />}
    </>
  );
}

function Calls({ node, data, off, change }: Props) {
  const texts = data.texts, found = node.data;
  const put = (more: any, field: string) => change({ ...found, ...more }, field);
  return (
    <>
      {data.choices.registers.length > 0
        ? <Pick label={texts.register} value={found.register} empty={texts.choose} options={data.choices.registers} off={off} onChange={(register) => put({ register }, "register")} />
        : <Text label={texts.register} value={found.register ?? ""} most={40} off={off} hint={texts.register_hint} onChange={(register) => put({ register: register.trim() || null }, "register")} />}
      <Text label={texts.script} value={found.script} most={4000} long off={off} onChange={(script) => put({ script }, "script")} />
      <Figure label={texts.attempts} value={found.attempts} least={1} most={20} whole off={off} onChange={(attempts) => put({ attempts }, "attempts")} />
    </>
  );
}
