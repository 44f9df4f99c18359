// Windows that are offered: days and months of the reader's zone, and all that the desk has.
import type { Survey } from "../api/backtest";

export interface Span {
  from: Date;
  /** The first instant after it. */
  to: Date;
}
export type Preset = "week" | "month" | "whole";

/** Longest window that the server plays. */
export const WINDOW_DAYS_MAX = 400;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A form holds minutes: the present one means up to now, so that what has just happened is inside. */
export function endMoment(at: string, now: number): string {
  const isPresent = Math.floor(Date.parse(at) / MINUTE_MS) === Math.floor(now / MINUTE_MS);
  return isPresent ? new Date(now).toISOString() : at;
}

/** By the calendar of this device, so that a change of the clocks moves no midnight. */
export function presetSpan(preset: Preset, now: Date, survey?: Pick<Survey, "first_at" | "last_at">): Span | null {
  const day = (back: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - back);
  if (preset === "week") return { from: day(7), to: now };
  if (preset === "month") {
    return { from: new Date(now.getFullYear(), now.getMonth() - 1, 1), to: new Date(now.getFullYear(), now.getMonth(), 1) };
  }
  if (!survey?.first_at || !survey.last_at) return null;
  // A form holds minutes; the last command must still be inside.
  const last = Math.ceil((Date.parse(survey.last_at) + 1) / MINUTE_MS) * MINUTE_MS;
  const to = new Date(Math.min(last, now.getTime()));
  const first = Math.floor(Date.parse(survey.first_at) / MINUTE_MS) * MINUTE_MS;
  return { from: new Date(Math.max(first, to.getTime() - WINDOW_DAYS_MAX * DAY_MS)), to };
}
