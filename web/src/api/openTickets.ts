// Publishing for open tickets too: what would become of each, and how far the last move is.
import { type Page, get, post } from "./client";
import type { ClockChange } from "./recount";
import type { Phase, WaitsFor } from "./types";

export type Reach = "new_tickets" | "open_tickets_too";
export type ObstacleKind =
  | "status" | "status_phase" | "category" | "queue" | "field" | "field_kind" | "choice" | "resolution" | "department" | "timer"
  | "function" | "stage" | "answer" | "refused";
export interface Obstacle {
  what: ObstacleKind;
  /** What the other version does not know. */
  key: string;
  /** The ladder or the field that it belongs to. */
  of: string | null;
}
export interface Meaning {
  phase: Phase;
  waits_for: WaitsFor | null;
}
export interface MoveLine {
  ticket: string;
  number: string;
  subject: string;
  status: string;
  /** Empty: it would be moved. */
  obstacles: Obstacle[];
  meaning_before: Meaning | null;
  meaning_after: Meaning | null;
  clocks: ClockChange[];
  is_covered_before: boolean | null;
  is_covered_after: boolean | null;
}
export interface MoveSums {
  looked_at: number;
  moved: number;
  stayed: number;
  clocks_changed: number;
  breaches_gained: number;
  breaches_lost: number;
  meaning_changed: number;
  coverage_changed: number;
}
export interface MovePreview {
  open: number;
  lines: MoveLine[];
  sums: MoveSums;
  next: string | null;
}
export interface MoveStand {
  id: string;
  version: number;
  by: { name: string } | null;
  total: number;
  moved: number;
  stayed: number;
  started_at: string;
  finished_at: string | null;
  is_replaced: boolean;
}
export type Stay = Pick<MoveLine, "ticket" | "number" | "subject" | "obstacles">;
/** The draft, or an older version as a roll-back would publish it. */
export interface AskMove {
  to?: string;
}

const at = (client: string, rest = "") => `clients/${client}/workflow/open-tickets${rest}`;

export const previewMove = (client: string, ask: AskMove, after: string | null, signal?: AbortSignal) =>
  post<MovePreview>(at(client, "/preview"), { ...ask, ...(after === null ? {} : { after }) }, { signal });
export const readMove = (client: string, signal?: AbortSignal) => get<{ last: MoveStand | null }>(at(client), {}, signal);
export const readStays = (client: string, cursor: string | null, signal?: AbortSignal) =>
  get<Page<Stay>>(at(client, "/stayed"), { limit: 100, ...(cursor === null ? {} : { cursor }) }, signal);
