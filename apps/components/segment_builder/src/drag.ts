// Moving a condition by hand. What is dragged stays within its own builder: filters of an event belong to that event.
import { useState } from "react";
import { move } from "react-querybuilder";

export interface Place {
  builder: string;
  path: number[];
}

let dragged: Place | null = null;
type Side = "before" | "after" | "inside" | null;

const begins = (path: number[], start: number[]) => start.every((step, at) => path[at] === step);

export function dragHandlers(place: Place, onDone: () => void) {
  return {
    draggable: true,
    onDragStart: (event: React.DragEvent) => {
      dragged = place;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      const row = (event.currentTarget as HTMLElement).closest(".node");
      if (row) event.dataTransfer.setDragImage(row, 12, 12);
      event.stopPropagation();
    },
    onDragEnd: () => { dragged = null; onDone(); },
  };
}

/** Handlers of a row or group on which something may be dropped, and the side that the pointer is on. */
export function useDrop(schema: any, path: number[], isGroup: boolean) {
  const [side, setSide] = useState<Side>(null);
  const sideOf = (event: React.DragEvent): Side => {
    if (!dragged || dragged.builder !== schema.qbId || begins(path, dragged.path)) return null;
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const upper = event.clientY < box.top + box.height / 2;
    return isGroup ? "inside" : upper ? "before" : "after";
  };
  return {
    side,
    handlers: {
      onDragOver: (event: React.DragEvent) => {
        const found = sideOf(event);
        if (!found) return;
        event.preventDefault();
        event.stopPropagation();
        if (found !== side) setSide(found);
      },
      onDragLeave: () => setSide(null),
      onDrop: (event: React.DragEvent) => {
        const found = sideOf(event);
        setSide(null);
        if (!found || !dragged) return;
        event.preventDefault();
        event.stopPropagation();
        const query = schema.getQuery();
        const target = found === "inside" ? [...path, endOf(query, path)] : found === "before" ? path : [...path.slice(0, -1), path[path.length - 1] + 1];
        schema.dispatchQuery(move(query, dragged.path, target));
        dragged = null;
      },
    },
  };
}

function endOf(query: any, path: number[]): number {
  return path.reduce((node: any, step) => node.rules[step], query).rules.length;
}
