// The supervisor's view, the queue board, alarms and the next best ticket.
import { type Done, get, post } from "./client";
import type { Ref, TicketRow } from "./tickets";

export interface QueueLine {
  client: string;
  queue: string | null;
  all: number;
  /** Nobody's, and waiting for nobody outside. */
  waiting: number;
  overdue: number;
  at_risk: number;
  oldest: { ticket: string; number: string; opened_at: string } | null;
}
export interface PresentLine {
  person: Ref;
  is_now: boolean;
  is_on_call: boolean;
  from: string | null;
  to: string | null;
  queue: string | null;
  load: number;
  capacity: number;
}
export interface ArrivalsLine {
  client: string;
  is_watched: boolean;
  weeks: number;
  weeks_needed: number;
  hours: { from: string; observed: number; expected: number | null }[];
}
export type AlarmKind = "spike" | "silence" | "depth" | "oldest";
export interface AlarmLine {
  id: string;
  client: string;
  kind: AlarmKind;
  queue: string | null;
  /** Of a spike in one category. */
  category: string | null;
  since: string;
  raised_at: string;
  observed: number;
  peak: number;
  expected: number;
  ended_at: string | null;
  acknowledged_at: string | null;
  acknowledged_by: Ref | null;
  may_acknowledge: boolean;
  version: number;
}
export interface SupervisorPage {
  at: string;
  at_risk_minutes: number;
  queues: QueueLine[];
  people: PresentLine[];
  arrivals: ArrivalsLine[];
  alarms: AlarmLine[];
}
export interface BoardColumn {
  queue: string;
  kind: "line" | "department";
  level: number | null;
  clients: string[];
  count: number;
  cards: TicketRow[];
}

export const readSupervision = (client: string, signal?: AbortSignal) => get<SupervisorPage>("supervision", { client }, signal);
export const acknowledgeAlarm = (id: string, version: number) => post<Done>(`alarms/${id}/acknowledge`, { version });
export const readBoard = (client: string, signal?: AbortSignal) => get<{ columns: BoardColumn[] }>("board", { client }, signal);
export const takeNext = () => post<Done & { note?: string }>("next-ticket", {});
