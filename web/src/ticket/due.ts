// When a due time counts as at risk: by its clock, and in a list, where only the moment is known.
import type { Clock } from "../api/tickets";
import type { Tone } from "../kit/tone";

/** From this share of its limit on a clock is at risk. */
export const AT_RISK_SHARE = 0.8;

/** The state of a running clock, whose limit is known. */
export function clockTone(clock: Pick<Clock, "is_breached" | "used" | "limit">): Tone {
  if (clock.is_breached) return "overdue";
  return clock.used >= clock.limit * AT_RISK_SHARE ? "at-risk" : "on-time";
}

/** Less than this left is worth a second look. */
export const AT_RISK_MS = 60 * 60 * 1000;

export function dueTone(leftMs: number): Tone {
  if (leftMs < 0) return "overdue";
  return leftMs < AT_RISK_MS ? "at-risk" : "on-time";
}
