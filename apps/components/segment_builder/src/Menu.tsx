// A short menu behind a button; arrows, Home, End, Enter and Escape work in it.
import { useRef, useState, type ReactNode } from "react";
import { Popover } from "./Popover";

export interface MenuItem {
  label: string;
  onPick: () => void;
  disabled?: boolean;
  keys?: string;
}

export function Menu({ label, items, children, className = "icon-button" }: {
  label: string; items: MenuItem[]; children: ReactNode; className?: string;
}) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const pick = (item: MenuItem) => {
    setOpen(false);
    button.current?.focus();
    item.onPick();
  };
  return (
    <>
      <button ref={button} type="button" className={className} aria-haspopup="menu" aria-expanded={open} aria-label={label}
        title={label} onClick={() => setOpen(!open)}>
        {children}
      </button>
      {open && (
        <Popover anchor={button} onClose={() => setOpen(false)} width={280} label={label}>
          <div role="menu" className="menu" onKeyDown={walk}>
            {items.map((item) => (
              <button key={item.label} type="button" role="menuitem" className="menu-item" disabled={item.disabled}
                onClick={() => pick(item)}>
                <span>{item.label}</span>
                {item.keys && <kbd>{item.keys}</kbd>}
              </button>
            ))}
          </div>
        </Popover>
      )}
    </>
  );
}

function walk(event: React.KeyboardEvent<HTMLElement>) {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("button:not(:disabled)")];
  const at = items.indexOf((event.currentTarget.getRootNode() as ShadowRoot).activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  items[(to + items.length) % items.length]?.focus();
}
