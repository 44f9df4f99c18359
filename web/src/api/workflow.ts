// A client's workflow: texts, checks, versions; and the runs of its script, explained.
import { type Done, type Page, get, post } from "./client";
import type { Client } from "./clients";
import type { Reach } from "./openTickets";
import type { Label } from "./types";
import type { Run } from "./tickets";

export interface PackVersion {
  id: string;
  ordinal: number;
  message: string;
  author: string | null;
  published_at: string;
  is_published: boolean;
}
export interface Finding {
  /** `workflow.rhai`, `client.toml`, or a shared module. */
  file: string;
  line: number;
  column: number;
  end_column?: number | null;
  severity: "error" | "warning";
  /** A stable word, such as `no_key`, and what the sentence speaks of. */
  code: string;
  values: Record<string, string>;
  message: string;
  hint: string | null;
}
export interface Texts {
  script: string;
  settings: string;
}
export interface Workflow extends Texts {
  client: Client;
  published: PackVersion | null;
  draft: (Texts & { message: string; author: string | null; saved_at: string }) | null;
  health: { failures_in_row: number; slow_in_row: number; quarantined_at: string | null };
  failed_runs: Run[];
}
/** What a run asked for, where in the script, and what became of it. */
export interface Asking {
  line: number;
  command: { type: string } & Record<string, unknown>;
  /** "applied", or "refused: " and why. */
  became: string;
}
export interface RunRead extends Run {
  facts: unknown[];
  commands: Asking[];
}

/** A pack that comes with the desk. */
export interface ReadyPack {
  name: string;
  title: Label;
  about: Label;
  language: string;
  plugins: string[];
  partners: string[];
  certificates: string[];
  holidays: string[];
  tests: string[];
}

const at = (client: string, rest = "") => `clients/${client}/workflow${rest}`;

export const readWorkflow = (client: string) => get<Workflow>(at(client));
export const listVersions = (client: string) => get<Page<PackVersion>>(at(client, "/versions"), { limit: 100 });
export const readVersion = (client: string, version: string) => get<PackVersion & Texts>(at(client, `/versions/${version}`));
export const check = (client: string, texts: Texts) => post<{ findings: Finding[]; digest: string }>(at(client, "/check"), texts);
/** What the published version names and nobody is behind. */
export const readReferences = (client: string) => get<{ findings: Finding[] }>(at(client, "/references"));
export const readPacks = (client: string) => get<{ packs: ReadyPack[] }>(at(client, "/packs"));
export const startFromPack = (client: string, pack: string, replaces: string | null, replaces_tests: string | null) =>
  post<Done>(at(client, "/start"), { pack, replaces, replaces_tests });
export const saveDraft = (client: string, texts: Texts) => post<Done>(at(client, "/draft"), texts);
export const publish = (client: string, message: string, reach: Reach) => post<Done>(at(client, "/publish"), { message, reach });
export const rollBack = (client: string, to: string, message: string, reach: Reach) => post<Done>(at(client, "/roll-back"), { to, message, reach });
export const release = (client: string) => post<Done>(at(client, "/release"), {});

export const readRun = (run: string) => get<RunRead>(`runs/${run}`);
export const explainRun = (run: string) => get<unknown>(`runs/${run}/explain`);
