// The roster: shifts and absences of a period, and the one request that changes many of them.
import { type Done, apiUrl, get, post } from "./client";
import type { Membership } from "./people";
import type { Ref } from "./tickets";

export type ShiftKind = { is: "regular" } | { is: "on_call" } | { is: "extra"; rate_percent: number };
/** As it is shown: the rate is nothing where it is not ours to know. */
export type ShownKind = ShiftKind | { is: "extra"; rate_percent: number | null };
export type AbsenceKind = "vacation" | "sick" | "training" | "other";

export interface Shift {
  id: string;
  person: string;
  from: string;
  to: string;
  kind: ShownKind;
  /** Counts for this queue, this client only; nothing: for all. */
  queue: string | null;
  client: string | null;
  note: string | null;
  series: string | null;
  version: number;
  changed_by: Ref | null;
  changed_at: string | null;
}
export interface Absence {
  id: string;
  person: string;
  from: string;
  to: string;
  /** Nothing where the reason is not ours to know. */
  kind: AbsenceKind | null;
  version: number;
}
export interface Worker {
  id: string;
  name: string;
  time_zone: string;
  memberships: Membership[];
}
export interface RosterPage {
  shifts: Shift[];
  absences: Absence[];
  people: Ref[];
  workers: Worker[];
  may_keep_all: boolean;
}
export interface ClosedDay {
  client: string;
  day: string;
}
/** Work of one person with no rest in between that is long enough. */
export interface Unrested {
  person: Ref;
  from: string;
  to: string;
  hours: number;
  rest_hours: number;
}
export type ShiftPut = Pick<Shift, "person" | "from" | "to" | "queue" | "client" | "note"> & { kind: ShiftKind; id?: string; version?: number; series?: string | null };
export type AbsencePut = { id?: string; version?: number; person: string; from: string; to: string; kind: AbsenceKind };
interface Seen {
  id: string;
  version: number;
}
export interface RosterChange {
  remove_shifts: Seen[];
  remove_absences: Seen[];
  put_shifts: ShiftPut[];
  put_absences: AbsencePut[];
}
export interface RosterCopy {
  people: string[];
  first_day: string;
  last_day: string;
  to_day: string;
  time_zone: string;
}
interface Period {
  from: string;
  to: string;
  people?: string;
}

export const readRoster = (period: Period, signal?: AbortSignal) => get<RosterPage>("roster", { ...period }, signal);
export const readClosedDays = (first_day: string, last_day: string) =>
  get<{ items: ClosedDay[] }>("roster/closed-days", { first_day, last_day });
export const readUnrested = (from: string, to: string, signal?: AbortSignal) =>
  get<{ items: Unrested[] }>("roster/unrested", { from, to }, signal);
export const changeRoster = (change: RosterChange) => post<Done>("roster/change", change);
export const copyRoster = (copy: RosterCopy) => post<Done>("roster/copy", copy);
export const importRoster = (csv: string, time_zone: string, client: string | null) =>
  post<Done>("roster/import", { csv, time_zone, client });
/** Where the period's table is downloaded from. */
export const rosterTable = (query: { from: string; to: string; time_zone: string; queue?: string; client?: string }) =>
  apiUrl("roster.csv", query).href;
