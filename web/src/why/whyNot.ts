// What stopped a run, in words.
import { m } from "$m";
import type { OnTheWay, WhyNotPlace } from "../api/scriptTests";

export function verdictWords(verdict: WhyNotPlace["verdict"]): string {
  switch (verdict.verdict) {
    case "reached": return m.why_not_reached();
    case "stopped": return m.why_not_stopped();
    case "left": return m.why_not_left({ line: verdict.line });
    case "failed": return m.why_not_failed();
    default: return m.why_not_not_come();
  }
}

/** The operand that decided, with what its parts were; of a switch, the value. */
export function seenWords(one: OnTheWay): string {
  if (one.value !== null) return m.why_not_was({ value: one.value });
  const last = one.operands.at(-1);
  if (!last) return "";
  const values = last.values.map(({ text, value }) => `${text} = ${value}`).join(", ");
  const verdict = last.is_true === null ? "?" : String(last.is_true);
  const what = last.text === one.condition ? "" : `${last.text}: `;
  return `${what}${verdict}${values ? ` (${values})` : ""}`;
}
