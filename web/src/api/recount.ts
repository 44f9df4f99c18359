// Open tickets of a client counted by other rules: how many, what a recompute would change, and the recompute itself.
import { type Done, get, post } from "./client";
import type { Obstacle } from "./openTickets";

export interface RecountOffer {
  version: string;
  ordinal: number;
  open: number;
  /** Of the open ones, those whose version counts time otherwise. */
  behind: number;
  versions: { version: string; ordinal: number; open: number; differs: boolean }[];
}
export interface ClockFigures {
  /** Milliseconds. */
  limit: number;
  used: number;
  due_at: string | null;
  met_at: string | null;
  /** The end of the ticket made an answer needless, before its time was over. */
  is_unneeded: boolean;
  is_breached: boolean;
}
export interface ClockChange {
  target: string;
  before: ClockFigures | null;
  after: ClockFigures | null;
}
export interface RecountLine {
  ticket: string;
  number: string;
  subject: string;
  /** Empty: it only goes by the other version. */
  clocks: ClockChange[];
  /** What of the ticket the other version does not know: it stays on its own. */
  obstacles: Obstacle[];
}
export interface ClientRecount {
  version: string;
  lines: RecountLine[];
  looked_at: number;
  next: string | null;
}

export const readOffer = (client: string, signal?: AbortSignal) => get<RecountOffer>(`clients/${client}/recompute`, {}, signal);
export const compareTickets = (client: string, to: string, after: string, signal?: AbortSignal) =>
  get<ClientRecount>(`clients/${client}/recompute/tickets`, { to, after }, signal);
export const recompute = (ticket: string, to: string) => post<Done>(`tickets/${ticket}/recompute`, { to });
