// A panel over the page, in the browser's top layer, so that no frame of the page cuts it off.
import { useEffect, useLayoutEffect, useRef, type ReactNode, type RefObject } from "react";

interface Props {
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  width?: number;
  label: string;
  children: ReactNode;
}

const GAP = 4, EDGE = 8;

export function Popover({ anchor, onClose, width = 320, label, children }: Props) {
  const panel = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const element = panel.current!;
    element.showPopover?.();
    const place = () => put(element, anchor.current, width);
    place();
    element.querySelector<HTMLElement>("input, button:not(:disabled)")?.focus({ preventScroll: true });
    const observer = new ResizeObserver(place);
    observer.observe(element);
    window.addEventListener("scroll", place, true);
    window.addEventListener("resize", place);
    return () => {
      observer.disconnect();
      window.removeEventListener("scroll", place, true);
      window.removeEventListener("resize", place);
    };
  }, [anchor, width]);

  useEffect(() => {
    const outside = (event: Event) => {
      const path = event.composedPath();
      if (!path.includes(panel.current!) && !(anchor.current && path.includes(anchor.current))) close.current();
    };
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  }, [anchor]);

  return (
    <div ref={panel} popover="manual" className="popover" role="dialog" aria-label={label}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          onClose();
          anchor.current?.focus();
        }
      }}>
      {children}
    </div>
  );
}

function put(element: HTMLElement, anchor: HTMLElement | null, width: number) {
  if (!anchor) return;
  const at = anchor.getBoundingClientRect();
  const wide = Math.min(width, window.innerWidth - 2 * EDGE);
  const [below, above] = [window.innerHeight - at.bottom - EDGE - GAP, at.top - EDGE - GAP];
  const down = below >= Math.min(element.scrollHeight, 320) || below >= above;
  element.style.width = `${wide}px`;
  element.style.maxHeight = `${Math.max(160, down ? below : above)}px`;
  element.style.left = `${Math.max(EDGE, Math.min(at.left, window.innerWidth - wide - EDGE))}px`;
  element.style.top = down ? `${at.bottom + GAP}px` : "auto";
  element.style.bottom = down ? "auto" : `${window.innerHeight - at.top + GAP}px`;
}
