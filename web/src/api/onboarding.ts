// A new client's first steps: what its pack calls things, and what it still needs.
import type { Labelled } from "./clients";
import { type Done, get, post } from "./client";
import type { Label } from "./types";

export interface PackNames {
  language: string;
  time_zone: string;
  statuses: Labelled[];
  queues: Labelled[];
}
export interface WordsPage {
  base: string | null;
  words: PackNames | null;
  unreadable: { line: number; column: number; message: string } | null;
  /** Keys that cannot be left out. */
  kept: string[];
}
export interface Prerequisite {
  kind: "line_people" | "department_people" | "partner" | "partner_people" | "certificate" | "plugin" | "engineers" | "sites" | "assets";
  name: string;
  label: Label;
  count: number;
  is_needed: boolean;
}

const at = (client: string, rest: string) => `clients/${client}/workflow/${rest}`;
export const readWords = (client: string) => get<WordsPage>(at(client, "words"));
export const writeWords = (client: string, base: string | null, words: PackNames) => post<Done>(at(client, "words"), { base, words });
export const listPrerequisites = (client: string) => get<{ items: Prerequisite[] }>(at(client, "prerequisites"));
