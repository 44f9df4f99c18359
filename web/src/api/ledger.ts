// Where a ticket's time went: the pieces of its ledger, sums, and the clock of each target.
import { get } from "./client";
import type { Actor, Ref } from "./tickets";

export type PieceKind =
  | "working" | "outside_calendar" | "waiting_for_client" | "waiting_for_part" | "waiting_for_approval"
  | "waiting_for_third_party" | "resolved";
export interface Piece {
  from: string;
  /** The first moment that is not in it. */
  to: string;
  kind: PieceKind;
  status: string;
  /** Keys of whose clock it is; nothing while it is counted to nobody. */
  queue: string | null;
  partner: string | null;
  person: string | null;
  person_name: string | null;
  opened_by: string;
  /** "calendar": it begins where the calendar opens or closes, and the event still holds. */
  begins_with: "event" | "calendar";
  /** Milliseconds. */
  span: number;
  minutes: number;
}
export interface BoundingEvent {
  id: string;
  kind: string;
  occurred_at: string;
  actor: Actor;
}
export interface Sums {
  minutes: number;
  working_minutes: number;
  /** Milliseconds in which it was ours to work on and the team's own calendar open. */
  team_open: number;
}
export interface TargetClock {
  target: string;
  limit: number;
  used: number;
  used_now: number;
  running_since: string | null;
  met_at: string | null;
  /** The end of the ticket made an answer needless. */
  is_unneeded: boolean;
  due_at: string | null;
  is_breached: boolean;
  /** The row of `sla` in client.toml, from 1, and what it names. */
  row: number;
  criteria: string;
  warn_percent: number[];
}
export interface Ledger {
  number: string;
  /** By which the clocks run now; nothing: the client's default one. */
  calendar: string | null;
  pieces: Piece[];
  events: BoundingEvent[];
  totals: {
    span: number;
    minutes: number;
    by_kind: { kind: PieceKind; span: number; minutes: number }[];
    by_queue: ({ key: string | null } & Sums)[];
    by_person: ({ person: Ref | null } & Sums)[];
    by_partner: ({ key: string | null } & Sums)[];
  };
  clocks: TargetClock[];
  now: string;
}

export const readLedger = (ticket: string, signal?: AbortSignal) =>
  get<Ledger>(`tickets/${encodeURIComponent(ticket)}/ledger`, {}, signal);
