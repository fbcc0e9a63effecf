// Outlines of the few signs that the builder needs; drawn here, so that nothing is fetched.
const SHAPES: Record<string, string> = {
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  info: "M12 11v6M12 7.5h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  off: "M4 4l16 16M9.9 5.8A9 9 0 0 1 12 5.5C18 5.5 21.5 12 21.5 12a17 17 0 0 1-3 3.7M6.2 7.4A16 16 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 3.8-.8",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  undo: "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  paste: "M9 4h6v3H9zM15 5.5h3V20H6V5.5h3",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16.2 16.2L21 21",
  fold: "M6 15l6-6 6 6",
  chevron: "M6 9l6 6 6-6",
  group: "M5 5h6v6H5zM13 13h6v6h-6zM14 8h3v3M10 16H7v-3",
  warn: "M12 4l9 16H3zM12 10v5M12 17.5h.01",
  swap: "M7 8h11l-3-3M17 16H6l3 3",
  check: "M5 12.5l4.5 4.5L19 7.5",
};

export function Icon({ name, size = 16 }: { name: string; size?: number }) {
  const heavy = name === "grip" || name === "more" ? 3 : 1.8;
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={heavy}
      strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}

export function IconButton(props: {
  icon: string; label: string; onClick: (event: any) => void; disabled?: boolean; pressed?: boolean; className?: string;
}) {
  return (
    <button type="button" className={`icon-button ${props.className ?? ""}`} title={props.label} aria-label={props.label}
      aria-pressed={props.pressed} disabled={props.disabled} onClick={props.onClick}>
      <Icon name={props.icon} />
    </button>
  );
}
