// Outlines of the few signs that the editor needs; drawn here, so that nothing is fetched.
const SHAPES: Record<string, string> = {
  audience: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.4a3.5 3.5 0 0 1 0 6.4M18 14.5c2.1.8 3.5 2.8 3.5 5.5",
  message: "M4 5h16v11H9l-5 4zM8 9h8M8 12h5",
  fallback: "M4 5h9M4 5v6h7M7 17h6M11 11v6M16 2l3 3-3 3M16 14l3 3-3 3",
  wait: "M12 4a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 8v5l3.5 2",
  condition: "M12 3l9 9-9 9-9-9zM9.8 10a2.3 2.3 0 1 1 3.2 2.1c-.7.3-1 .7-1 1.4M12 16h.01",
  split: "M4 12h5M9 12c4 0 3-6 8-6h3M9 12c4 0 3 6 8 6h3M17.500 3.500L20 6l-2.500 2.500M17.500 15.500L20 18l-2.500 2.500",
  control: "M12 3l8 3v6c0 4.500-3.300 8-8 9-4.700-1-8-4.500-8-9V6zM9 12h6",
  task: "M5 4h14v17H5zM9 2.500h6v3H9zM8.500 13l2.500 2.500 4.500-5",
  call_register: "M6 3h3l1.500 5-2 1.500a11 11 0 0 0 6 6l1.500-2 5 1.500v3a2 2 0 0 1-2 2A16 16 0 0 1 4 5a2 2 0 0 1 2-2z",
  end: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9 9h6v6H9z",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  undo: "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  paste: "M9 4h6v3H9zM15 5.500h3V20H6V5.500h3",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
  layout: "M4 9h5v6H4zM15 4h5v6h-5zM15 14h5v6h-5zM9 12h3M12 7v10M12 7h3M12 17h3",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  warn: "M12 4l9 16H3zM12 10v5M12 17.500h.01",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
};

export function Icon({ name, size = 18 }: { name: string; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={1.8}
      strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}
