// What every part of the builder knows: the words, the catalogue, the answers of Python, and whose fields it is about.
import { createContext, useContext } from "react";
import type { Data, DistributionAnswer, Message, Question, ValuesAnswer } from "./types";

export interface Shared {
  data: Data;
  fresh: boolean; // whether the figures are of the definition that is on the screen
  t: (key: string, values?: Record<string, unknown>) => string;
  ask: (question: Omit<Question, "id">) => void;
  wide: boolean;
  say: (text: string) => void; // to who listens instead of looking
}

/** One level of rules: the profile ("") or the filters inside a rule on `owner`. */
export interface Level {
  owner: string;
  isRoot: boolean;
}

export const SharedContext = createContext<Shared>(null as unknown as Shared);
export const LevelContext = createContext<Level>({ owner: "", isRoot: true });
export const useShared = () => useContext(SharedContext);
export const useLevel = () => useContext(LevelContext);

export const questionId = (kind: string, owner: string, field: string, text = "") => [kind, owner, field, text].join("|");

export function useValues(owner: string, field: string, text: string): ValuesAnswer | undefined {
  return useShared().data.answers[questionId("values", owner, field, text)] as ValuesAnswer | undefined;
}

export function useDistribution(owner: string, field: string): DistributionAnswer | undefined {
  return useShared().data.answers[questionId("distribution", owner, field)] as DistributionAnswer | undefined;
}

/** The name of a value of a pick list in the reader's language. */
export function useLabel(owner: string, field: string): (value: unknown) => string {
  const { data, t } = useShared();
  const known = data.labels[`${owner}|${field}`] ?? {};
  return (value) => {
    if (typeof value === "boolean") return t(value ? "yes" : "no");
    const text = String(value);
    if (known[text]) return known[text];
    for (const [id, answer] of Object.entries(data.answers)) {
      if (!id.startsWith(`values|${owner}|${field}|`)) continue;
      const item = (answer as ValuesAnswer).items.find(([each]) => String(each) === text);
      if (item) return item[1];
    }
    return text;
  };
}

export function useProblems(id?: string): Message[] {
  return useShared().data.problems[id ?? ""] ?? [];
}

const SPACE = "\u202f";

/** A number as people here write it: groups of three, a decimal comma outside English. */
export function formatted(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined) return "—";
  const [whole, part] = Math.abs(value).toFixed(digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, SPACE);
  return `${value < 0 ? "−" : ""}${grouped}${part ? `,${part}` : ""}`;
}

export function share(part: number | null | undefined, whole: number | null | undefined): string {
  if (part === null || part === undefined || !whole) return "—";
  const percent = (100 * part) / whole;
  return `${percent && percent < 0.1 ? "<0,1" : formatted(percent, percent < 10 ? 1 : 0)}${SPACE}%`;
}
