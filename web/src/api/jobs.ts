// Work outside the desk: what waits, what was given up, and the outbox held after a restore.
import { type Done, type Page, get, post } from "./client";

export interface Job {
  id: string;
  kind: string;
  client: string | null;
  ticket: string | null;
  number: string | null;
  state: "waiting" | "behind" | "leased" | "done" | "dead" | "dropped";
  run_at: string;
  attempts: number;
  lease_until: string | null;
  last_error: string | null;
  created_at: string;
  finished_at: string | null;
}

export const listJobs = (query: Record<string, string>, signal?: AbortSignal) => get<Page<Job>>("jobs", query, signal);
export const replayJob = (id: string) => post<Done>(`jobs/${id}/replay`, {});
export const dropJob = (id: string, reason: string) => post<Done>(`jobs/${id}/drop`, reason ? { reason } : {});
export const readOutbox = () => get<{ is_held: boolean }>("outbox");
export const releaseOutbox = () => post<Done>("outbox/release", {});
