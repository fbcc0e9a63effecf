import { Icon } from "./icons";
import type { Message } from "./types";

/** What is wrong here and how to mend it. */
export function Problems({ problems }: { problems: Message[] }) {
  if (!problems.length) return null;
  return (
    <ul className="problems" role="status">
      {problems.map((each) => (
        <li key={each.text}><Icon name="warn" size={14} /><span>{each.text}{each.mend && <em> {each.mend}</em>}</span></li>
      ))}
    </ul>
  );
}
