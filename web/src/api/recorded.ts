// Recorded time: work that people wrote down on a ticket, and the timer that measures it.
import { type Done, get, post } from "./client";
import type { Ref } from "./tickets";

export interface KindOfWork {
  key: string;
  label: Record<string, string>;
}
export interface TimeEntry {
  id: string;
  person: Ref;
  began_at: string;
  minutes: number;
  kind: KindOfWork | null;
  note: string | null;
  /** Then it counts nothing. */
  taken_back_at: string | null;
  version: number;
  may_change: boolean;
}
export interface Timer {
  person: Ref;
  ticket: string;
  number: string | null;
  started_at: string;
  minutes: number;
  /** It ran longer than an entry may be; who stops it says how long the work was. */
  is_forgotten: boolean;
}
export interface TicketTime {
  entries: TimeEntry[];
  minutes: number;
  timers: Timer[];
  may: { own: boolean; others: boolean };
  kinds: KindOfWork[];
  entry_minutes_max: number;
}
export interface Spent {
  began_at: string;
  minutes: number;
  kind: string | null;
  note: string;
}
export interface Recorded extends Done {
  warnings?: { is: "time_overlaps"; number: string | null; from: string; to: string }[];
}

export const readTicketTime = (ticket: string, signal: AbortSignal) =>
  get<TicketTime>(`tickets/${ticket}/time`, undefined, signal);
export const recordTime = (ticket: string, spent: Spent) => post<Recorded>(`tickets/${ticket}/time`, spent);
export const changeTime = (entry: TimeEntry, spent: Spent) =>
  post<Recorded>(`time/${entry.id}`, { ...spent, version: entry.version });
export const takeTimeBack = (entry: TimeEntry) => post<Done>(`time/${entry.id}/take-back`, { version: entry.version });
export const startOwnTimer = (ticket: string) => post<Recorded>(`tickets/${ticket}/timer`, {});
export const stopOwnTimer = (minutes: number | null) => post<Recorded>("timer/stop", { how: "record", minutes });
export const discardOwnTimer = () => post<Done>("timer/stop", { how: "discard" });
