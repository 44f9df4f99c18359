// When a due time counts as at risk in a list, where only the moment is known.
import type { Tone } from "../kit/tone";

/** Less than this left is worth a second look. */
export const AT_RISK_MS = 60 * 60 * 1000;

export function dueTone(leftMs: number): Tone {
  if (leftMs < 0) return "overdue";
  return leftMs < AT_RISK_MS ? "at-risk" : "on-time";
}
