// Messages of scripts beyond their budget: what waits for a person, with samples, and how it is decided.
import { type Done, type Page, get, post } from "./client";

export type HoldReason = "run" | "handler_hour" | "client_hour" | "desk_hour";
export type HoldState = "open" | "sending" | "sent" | "discarding" | "discarded";
export type MessageKind = "notice" | "reply" | "order_note" | "alarm";
export interface HeldSample {
  ticket: string;
  number: string;
  /** `null`: nobody is named. */
  recipient: string | null;
  text: string | null;
  at: string;
  /** The ticket was closed since. */
  is_stale: boolean;
}
export interface HeldLine extends HeldSample {
  id: string;
  kind: MessageKind;
  template: string | null;
}
export interface HoldPart {
  kind: MessageKind;
  template: string | null;
  count: number;
  samples: HeldSample[];
}
export interface HoldLine {
  id: string;
  client: string;
  handler: string;
  why: HoldReason;
  limit: number;
  state: HoldState;
  opened_at: string;
  last_at: string;
  held: number;
  /** Neither sent nor discarded yet. */
  left: number;
  sent: number;
  discarded: number;
  tickets: number;
  people: number;
  stale: number;
  parts: HoldPart[];
  decided_by: string | null;
  decided_at: string | null;
  reason: string | null;
  finished_at: string | null;
  version: number;
}

export const listHolds = (client?: string) => get<{ items: HoldLine[] }>("holds", client ? { client } : {});
const seen = ({ version, held }: HoldLine) => ({ version, messages: held });
export const approveHold = (hold: HoldLine, is_without_stale: boolean) =>
  post<Done>(`holds/${hold.id}/approve`, { ...seen(hold), is_without_stale });
export const discardHold = (hold: HoldLine, reason: string) => post<Done>(`holds/${hold.id}/discard`, { ...seen(hold), reason });
/** All messages that are left, the oldest first, a page at a time. */
export const listMessages = (hold: string, cursor: string | null) =>
  get<Page<HeldLine>>(`holds/${hold}/messages`, { limit: 100, ...(cursor ? { cursor } : {}) });
