// Streamlit's entrance. It calls this at every run of the page; there is one React root for each place on the page.
import { createRoot, type Root } from "react-dom/client";
import { Builder, type Calls } from "./Builder";
import css from "./style.css";
import type { Catalogue, Data } from "./types";

interface Place { root: Root; calls: { current: any }; stable: Calls }
const places = new WeakMap<Node, Place>();
// Large and the same for a whole session: sent once, then named by its revision.
const catalogues = new Map<string, Catalogue>();

export default function (component: any) {
  const { parentElement, data } = component;
  let place = places.get(parentElement);
  if (!place) {
    place = made(parentElement);
    places.set(parentElement, place);
  }
  place.calls.current = component;
  const given = data as Data;
  if (given.catalogue.attributes) catalogues.set(given.catalogue.revision, given.catalogue);
  const catalogue = catalogues.get(given.catalogue.revision);
  if (catalogue) place.root.render(<Builder data={{ ...given, catalogue }} calls={place.stable} />);
  else component.setStateValue("asked", [{ id: "catalogue", kind: "catalogue", owner: "", field: "", text: "" }]);
  return () => {
    const gone = places.get(parentElement);
    places.delete(parentElement);
    setTimeout(() => gone?.root.unmount());
  };
}

function made(parent: ShadowRoot | HTMLElement): Place {
  const style = document.createElement("style");
  style.textContent = css;
  const frame = document.createElement("div");
  parent.append(style, frame);
  const calls = { current: null as any };
  return {
    root: createRoot(frame), calls,
    stable: {
      setValue: (value) => calls.current.setStateValue("value", value),
      setAsked: (asked) => calls.current.setStateValue("asked", asked),
      poll: (turn) => calls.current.setTriggerValue("poll", turn),
    },
  };
}
