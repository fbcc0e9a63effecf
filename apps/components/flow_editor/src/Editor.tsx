import {
  Background, Controls, MarkerType, MiniMap, ReactFlow, ReactFlowProvider, applyNodeChanges, useReactFlow,
  type Connection, type Edge, type Node, type NodeChange,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { FlowNode } from "./FlowNode";
import { Form } from "./Form";
import { useHistory } from "./history";
import { Icon } from "./icons";
import { add, connect, copied, laidOut, pasted, ports, remove, sound, type Clip } from "./model";
import type { Calls, Data, Doc, Kind } from "./types";

const TYPES = { flow: FlowNode };
const QUIET_MS = 350;
let clip: Clip | null = null;

export function Editor(props: { data: Data; calls: Calls }) {
  return <ReactFlowProvider><Bench {...props} /></ReactFlowProvider>;
}

function Bench({ data, calls }: { data: Data; calls: Calls }) {
  const history = useHistory(data.document), { doc } = history, off = data.readOnly, texts = data.texts;
  const flow = useReactFlow();
  const [nodes, setNodes] = useState<Node[]>([]), [edgeOn, setEdgeOn] = useState<string | null>(null);
  const revision = useRef(data.revision), sequence = useRef(0), timer = useRef<any>(null);
  const frame = useRef<HTMLDivElement>(null);

  const send = useCallback((next: Doc) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      sequence.current += 1;
      calls.setValue({ document: next, revision: revision.current, sequence: sequence.current });
    }, QUIET_MS);
  }, [calls]);
  const change = useCallback((next: Doc, tag = "") => { history.change(next, tag); send(next); }, [history.change, send]);

  // Python put another document on the desk.
  useEffect(() => {
    if (data.revision === revision.current) return;
    clearTimeout(timer.current);
    revision.current = data.revision;
    sequence.current = 0;
    history.reset(data.document);
    setTimeout(() => flow.fitView({ padding: 0.15, maxZoom: 1 }), 50);
  }, [data.revision]);

  // What the canvas shows follows the document and what Python says of it; what the canvas measured is kept.
  useEffect(() => {
    setNodes((old) => {
      const before = new Map(old.map((node) => [node.id, node]));
      return doc.nodes.map((node) => ({
        ...before.get(node.id), id: node.id, type: "flow", position: node.position ?? { x: 0, y: 0 }, data: { node, data },
        deletable: node.kind !== "audience",
      }));
    });
  }, [doc, data]);

  const chosen = nodes.filter((node) => node.selected).map((node) => node.id);
  const only = chosen.length === 1 ? doc.nodes.find((node) => node.id === chosen[0]) : undefined;
  const select = useCallback((ids: string[]) => {
    setEdgeOn(null);
    setNodes((old) => old.map((node) => ({ ...node, selected: ids.includes(node.id) })));
  }, []);
  useEffect(() => calls.setSelected(only?.id ?? ""), [only?.id]);

  const edges = useMemo<Edge[]>(() => doc.edges.map((edge) => {
    const id = `${edge.source}|${edge.port}`, isControl = edge.port === "control";
    return {
      id, source: edge.source, sourceHandle: edge.port, target: edge.target, targetHandle: "in", label: data.edgeFigures[id],
      selected: edgeOn === id, markerEnd: { type: MarkerType.ArrowClosed }, className: isControl ? "calm" : "", reconnectable: !off,
    };
  }), [doc, data.edgeFigures, edgeOn, off]);

  const onNodesChange = useCallback((changes: NodeChange[]) => {
    setNodes((old) => applyNodeChanges(changes.filter((each) => each.type !== "remove"), old));
    const moved = changes.filter((each) => each.type === "position" && !each.dragging && each.position);
    if (moved.length === 0 || off) return;
    const at = new Map(moved.map((each: any) => [each.id, { x: Math.round(each.position.x), y: Math.round(each.position.y) }]));
    const now = history.now.current;
    if (![...at].some(([id, to]) => { const node = now.nodes.find((each) => each.id === id); return node && (node.position?.x !== to.x || node.position?.y !== to.y); })) return;
    change({ ...now, nodes: now.nodes.map((node) => (at.has(node.id) ? { ...node, position: at.get(node.id)! } : node)) }, "move");
  }, [change, off]);

  const onConnect = useCallback((made: Connection) => {
    if (made.sourceHandle) change(connect(history.now.current, made.source, made.sourceHandle, made.target));
  }, [change]);
  const place = (kind: Kind, position?: { x: number; y: number }) => {
    const made = add(history.now.current, kind, position ? null : (only?.id ?? lastOpen(doc)), position);
    change(made.doc);
    setTimeout(() => { select([made.id]); if (!position) flow.fitView({ padding: 0.15, maxZoom: 1, duration: 200 }); }, 30);
  };
  const drop = (ids: string[]) => {
    const may = ids.filter((id) => doc.nodes.find((node) => node.id === id)?.kind !== "audience");
    if (may.length) change(remove(history.now.current, may));
  };
  const step = (made: Doc | null) => { if (made) send(made); };
  const arrange = () => { change(laidOut(history.now.current)); setTimeout(() => flow.fitView({ padding: 0.15, maxZoom: 1, duration: 200 }), 40); };
  const paste = () => {
    if (!clip) return;
    const made = pasted(history.now.current, clip);
    change(made.doc);
    setTimeout(() => select(made.ids), 30);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement, isField = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName), key = event.key.toLowerCase();
    if (isField) return;
    const held = event.ctrlKey || event.metaKey;
    const done = () => { event.preventDefault(); event.stopPropagation(); };
    if (key === "escape") select([]);
    if (held && key === "c" && chosen.length) { clip = copied(doc, chosen); done(); }
    if (off) return;
    if (key === "delete" || key === "backspace") {
      if (edgeOn) { const [source, port] = edgeOn.split("|"); change(connect(doc, source, port, null)); setEdgeOn(null); } else drop(chosen);
      done();
    } else if (held && key === "z") { step(event.shiftKey ? history.redo() : history.undo()); done(); }
    else if (held && key === "y") { step(history.redo()); done(); }
    else if (held && key === "v") { paste(); done(); }
    else if (held && key === "d" && chosen.length) { clip = copied(doc, chosen); paste(); done(); }
  };

  const button = (icon: string, label: string, act: () => void, disabled = false) => (
    <button type="button" className="icon-button" title={label} aria-label={label} disabled={disabled} onClick={act}><Icon name={icon} /></button>
  );
  const general = data.problems[""] ?? [];
  return (
    <div className={`flow-editor ${off ? "still" : ""}`} ref={frame} onKeyDown={onKeyDown}>
      {!off && (
        <div className="palette" role="toolbar" aria-label={texts.palette}>
          {data.kinds.filter((each) => each.kind !== "audience" || !doc.nodes.some((node) => node.kind === "audience")).map((each) => (
            <button type="button" key={each.kind} className="kind" title={each.hint} draggable onClick={() => place(each.kind)} data-kind={each.kind}
              onDragStart={(event) => { event.dataTransfer.setData("text/plain", each.kind); event.dataTransfer.effectAllowed = "copy"; }}>
              <span className={`sign ${each.kind}`}><Icon name={each.kind} size={16} /></span>{each.label}
            </button>
          ))}
        </div>
      )}
      <div className="bench">
        <div className="canvas" tabIndex={0} aria-label={texts.canvas}
          onDragOver={(event) => { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; }}
          onDrop={(event) => {
            event.preventDefault();
            const kind = event.dataTransfer.getData("text/plain") as Kind;
            if (!off && data.kinds.some((each) => each.kind === kind)) place(kind, flow.screenToFlowPosition({ x: event.clientX - 110, y: event.clientY - 30 }));
          }}>
          <div className="tools" role="toolbar">
            {!off && button("undo", texts.undo, () => step(history.undo()), !history.canUndo)}
            {!off && button("redo", texts.redo, () => step(history.redo()), !history.canRedo)}
            {!off && button("copy", texts.copy, () => { clip = copied(doc, chosen); }, chosen.length === 0)}
            {!off && button("paste", texts.paste, paste)}
            {!off && button("trash", texts.delete, () => drop(chosen), chosen.length === 0)}
            {!off && button("layout", texts.layout, arrange)}
            {button("fit", texts.fit, () => flow.fitView({ padding: 0.15, maxZoom: 1, duration: 200 }))}
          </div>
          <ReactFlow nodes={nodes} edges={edges} nodeTypes={TYPES} onNodesChange={onNodesChange} onConnect={onConnect}
            onReconnect={(old, made) => {
              const [source, port] = old.id.split("|"), free = connect(history.now.current, source, port, null);
              if (made.sourceHandle) change(connect(free, made.source, made.sourceHandle, made.target));
            }}
            onEdgeClick={(_, edge) => { select([]); setEdgeOn(edge.id); }} onPaneClick={() => { setEdgeOn(null); (frame.current?.querySelector(".canvas") as HTMLElement)?.focus(); }}
            onNodeClick={() => setEdgeOn(null)}
            isValidConnection={(made) => made.source !== made.target}
            nodesDraggable={!off} nodesConnectable={!off} deleteKeyCode={null} selectionKeyCode="Shift" multiSelectionKeyCode={["Control", "Meta"]}
            fitView fitViewOptions={{ padding: 0.15, maxZoom: 1 }} minZoom={0.2} maxZoom={1.6} connectionRadius={36} preventScrolling={false}
            zoomOnScroll={false} panOnScroll={false} proOptions={{ hideAttribution: true }} defaultEdgeOptions={{ type: "smoothstep" }}>
            <Background gap={20} />
            <Controls showInteractive={false} position="bottom-left" />
            {doc.nodes.length > 8 && <MiniMap pannable zoomable position="bottom-right" />}
          </ReactFlow>
          {doc.nodes.length === 0 && <div className="empty">{texts.empty}</div>}
        </div>
        <aside className="side">
          {only
            ? <Form node={only} doc={doc} data={data} off={off} remove={() => drop([only.id])}
                change={(value, field) => change(sound(changed(history.now.current, only.id, value)), `${only.id}.${field}`)}
                lead={(port, target) => change(connect(history.now.current, only.id, port, target))} />
            : <Overview data={data} doc={doc} general={general} choose={(id) => { select([id]); flow.fitView({ nodes: [{ id }], padding: 1.5, maxZoom: 1, duration: 200 }); }} />}
        </aside>
      </div>
    </div>
  );
}

function changed(doc: Doc, id: string, value: any): Doc {
  return { ...doc, nodes: doc.nodes.map((node) => (node.id === id ? { ...node, data: value } : node)) };
}

/** Where a new node goes when none is chosen: after the last one that still has a free exit. */
function lastOpen(doc: Doc): string | null {
  const open = doc.nodes.filter((node) => ports(node.kind, node.data).some(
    (port) => port !== "control" && !doc.edges.some((edge) => edge.source === node.id && edge.port === port)));
  return open.at(-1)?.id ?? null;
}

function Overview({ data, doc, general, choose }: { data: Data; doc: Doc; general: string[]; choose: (id: string) => void }) {
  const texts = data.texts, wrong = doc.nodes.filter((node) => data.problems[node.id]?.length);
  return (
    <div className="form">
      <div className="form-head"><b>{texts.overview}</b></div>
      {general.length > 0 && <ul className="problems">{general.map((each) => <li key={each}><Icon name="warn" size={15} />{each}</li>)}</ul>}
      {wrong.length === 0 && general.length === 0 && doc.nodes.length > 0 && <p className="good">{texts.no_problems}</p>}
      {wrong.length > 0 && <p className="quiet">{texts.to_mend}</p>}
      {wrong.map((node) => (
        <button type="button" className="finding" key={node.id} onClick={() => choose(node.id)}>
          <b>{data.kinds.find((each) => each.kind === node.kind)?.label}</b>
          {data.problems[node.id].map((each) => <span key={each}>{each}</span>)}
        </button>
      ))}
      {!data.readOnly && <p className="quiet">{texts.how_to}</p>}
    </div>
  );
}
