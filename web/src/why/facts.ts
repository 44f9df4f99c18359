// One recorded fact as a name, a summary and its values.
import { flat } from "./flat";

export interface FactRead {
  name: string;
  summary: string;
  values: [string, string][];
}
type Loose = Record<string, unknown>;

/** A recording holds pairs of question and answer, as a pair or as an object of both. */
export function factOf(recorded: unknown): FactRead {
  const [key, fact] = Array.isArray(recorded) ? (recorded as Loose[]) : [(recorded as Loose).key, (recorded as Loose).fact];
  const question = (key ?? recorded) as Loose;
  const answer = fact as Loose | undefined;
  const value = answer && typeof answer === "object" && "value" in answer ? answer.value : answer;
  const values = flat(value);
  return { name: String(question.ask ?? "fact"), summary: summaryOf(value, values), values };
}

function summaryOf(value: unknown, values: [string, string][]): string {
  if (value === null || value === undefined) return "—";
  if (Array.isArray(value)) return String(value.length);
  if (typeof value !== "object") return String(value);
  const telling = values.find(([key]) => key === "name" || key === "status" || key === "tag");
  return telling?.[1] ?? "";
}
