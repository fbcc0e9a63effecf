import { Handle, Position, type NodeProps } from "@xyflow/react";
import { Icon } from "./icons";
import { ports } from "./model";
import type { Data, DocNode } from "./types";

export interface Shown extends Record<string, unknown> { node: DocNode; data: Data }

/** What is written at an exit. */
export function portLabel(node: DocNode, port: string, texts: Data["texts"]): string {
  if (node.kind !== "split") return texts[`port_${port}`] ?? port;
  const branch = (node.data.branches ?? []).find((each: any) => each.key === port);
  return branch ? `${branch.name || branch.key} · ${branch.share} %` : port;
}

export function FlowNode({ data: shown, selected }: NodeProps) {
  const { node, data } = shown as Shown;
  const problems = data.problems[node.id] ?? [], figures = data.figures[node.id] ?? [];
  const title = data.kinds.find((each) => each.kind === node.kind)?.label ?? node.kind;
  const exits = ports(node.kind, node.data);
  return (
    <div className={`box ${node.kind} ${selected ? "on" : ""} ${problems.length ? "wrong" : ""}`} data-node={node.id}>
      {node.kind !== "audience" && <Handle type="target" position={Position.Left} id="in" />}
      <div className="head"><span className="sign"><Icon name={node.kind} size={16} /></span><b>{title}</b>
        {problems.length > 0 && <span className="alarm" title={problems.join("\n")}><Icon name="warn" size={15} /></span>}
      </div>
      <div className="phrase">{data.phrases[node.id] ?? ""}</div>
      {problems.length > 0 && <div className="trouble">{problems[0]}{problems.length > 1 && ` +${problems.length - 1}`}</div>}
      {figures.length > 0 && (
        <dl className="figures">
          {figures.map((each) => <div key={each.label} className={each.bad ? "bad" : ""}><dt>{each.label}</dt><dd>{each.value}</dd></div>)}
        </dl>
      )}
      {exits.length > 0 && (
        <div className="exits">
          {exits.map((port) => (
            <div className="exit" key={port}>
              <span>{exits.length > 1 ? portLabel(node, port, data.texts) : ""}</span>
              <Handle type="source" position={Position.Right} id={port} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
