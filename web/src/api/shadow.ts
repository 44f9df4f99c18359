// A client's shadow: the draft that decides beside the published version; and how often its script runs and fails.
import { type Done, type Page, get, post } from "./client";
import type { Asking } from "./workflow";

export type Ending = "time" | "stopped" | "published" | "failures" | "slow" | "not_compiled";
export interface Counts {
  runs: number;
  different: number;
  failures: number;
  kept: number;
  older: number;
  micros: number;
}
export interface Shadow {
  id: string;
  version: number;
  author: string | null;
  saved_at: string;
  started_at: string;
  until: string;
  /** `null`: it stands. */
  ended_at: string | null;
  ending: Ending | null;
  counts: Counts;
  kept_max: number;
}
export interface SaidCommand {
  module: string | null;
  line: number;
  command: Asking["command"];
}
/** What one version said to an event. */
export interface Said {
  has_handler: boolean;
  commands: SaidCommand[];
  left_out: number;
  failure: string | null;
  refused: { field: string; message: string } | null;
}
export interface Difference {
  id: string;
  ticket: string | null;
  number: string;
  run: string | null;
  handler: string;
  at: string;
  published: Said;
  draft: Said;
}
export interface Rate {
  runs: number;
  failures: number;
}
export interface HandlerRates {
  handler: string;
  hour: Rate;
  day: Rate;
  month: Rate;
}

const at = (client: string, rest: string) => `clients/${client}/workflow${rest}`;

export const readShadow = (client: string) => get<Shadow>(at(client, "/shadow"));
export const startShadow = (client: string, hours: number) => post<Done>(at(client, "/shadow"), { hours });
export const stopShadow = (client: string) => post<Done>(at(client, "/shadow/stop"), {});
export const listDifferences = (client: string, cursor: string, signal?: AbortSignal) =>
  get<Page<Difference>>(at(client, "/shadow/differences"), { cursor }, signal);
export const listRates = (client: string) => get<{ items: HandlerRates[] }>(at(client, "/rates"));
