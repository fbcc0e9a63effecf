// Streamlit's entrance. It calls this at every run of the page; there is one React root for each place on the page.
import { createRoot, type Root } from "react-dom/client";
import base from "@xyflow/react/dist/style.css";
import { Editor } from "./Editor";
import css from "./style.css";
import type { Calls, Data } from "./types";

interface Place { root: Root; calls: { current: any }; stable: Calls }
const places = new WeakMap<Node, Place>();

export default function (component: any) {
  const { parentElement, data } = component;
  let place = places.get(parentElement);
  if (!place) {
    place = made(parentElement);
    places.set(parentElement, place);
  }
  place.calls.current = component;
  place.root.render(<Editor data={data as Data} calls={place.stable} />);
  return () => {
    const gone = places.get(parentElement);
    places.delete(parentElement);
    setTimeout(() => gone?.root.unmount());
  };
}

function made(parent: ShadowRoot | HTMLElement): Place {
  const style = document.createElement("style");
  style.textContent = `${base}\n${css}`;
  const frame = document.createElement("div");
  parent.append(style, frame);
  const calls = { current: null as any };
  return {
    root: createRoot(frame), calls,
    stable: {
      setValue: (value) => calls.current.setStateValue("value", value),
      setSelected: (id) => calls.current.setStateValue("selected", id),
    },
  };
}
