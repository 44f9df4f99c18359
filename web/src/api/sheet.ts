// A person's own recorded time of a period, and the timer that runs.
import { get } from "./client";
import type { TimeEntry, Timer } from "./recorded";

export interface SheetEntry extends TimeEntry {
  ticket: string;
  /** Nothing where the ticket can no longer be seen. */
  number: string | null;
  subject: string | null;
}
export const readSheet = (from: Date, to: Date, signal: AbortSignal) =>
  get<{ entries: SheetEntry[]; minutes: number }>("time", { from: from.toISOString(), to: to.toISOString() }, signal);
export const readOwnTimer = (signal: AbortSignal) => get<{ timer: Timer | null }>("timer", undefined, signal);
