// Clients, their words, and what belongs to them.
import { type Done, type Page, get, post } from "./client";
import type { Label, Phase, WaitsFor } from "./types";

export interface Client {
  id: string;
  key: string;
  name: string;
  prefix: string;
  colour: string;
  language: string;
  pack_version: string | null;
  is_active: boolean;
  version: number;
}
export interface SubClient {
  id: string;
  client: string;
  key: string;
  name: string;
  support: string | null;
  version: number;
}
export interface Labelled {
  key: string;
  label: Label;
}
export interface Status extends Labelled {
  phase: Phase;
  waits_for: WaitsFor | null;
}
export interface Queue extends Labelled {
  kind: "line" | "department";
  level: number | null;
  partner: string | null;
  is_default: boolean;
  outcomes: Labelled[];
}
export interface Field extends Labelled {
  kind: "text" | "number" | "flag" | "choice" | "moment";
  choices: Labelled[];
}
/** One thing that a step asks for: a field of the pack, or `category`, `contact`, `site`, `asset`, `sub_client`. */
export interface Asked extends Labelled {
  hint: Label | null;
}
/** What must be known before a ticket is handed to a next line. */
export interface HandOverForm {
  /** Queues; none: all. */
  to: string[];
  categories: string[];
  requires: string[];
  wishes: string[];
  hints: Record<string, Label>;
}
/** What a client's published pack calls things. */
export interface Pack {
  version: string;
  key: string;
  title: Label;
  time_zone: string;
  statuses: Status[];
  categories: (Labelled & { is_default: boolean })[];
  fields: Field[];
  queues: Queue[];
  resolutions: Labelled[];
  order_outcomes: Labelled[];
  document_kinds: Labelled[];
  templates: { key: string; text: Label }[];
  timers: Labelled[];
  services: Labelled[];
  packages: Labelled[];
  hand_over_forms: HandOverForm[];
  classification: { gate: "none" | "hand_over" | "resolve" | "close"; requires: string[] };
  /** Parts of a ticket's way that have targets of their own. */
  stages: Labelled[];
}
export interface Vocabulary {
  client: string;
  key: string;
  name: string;
  prefix: string;
  colour: string;
  language: string;
  is_active: boolean;
  pack: Pack | null;
  sub_clients: { id: string; key: string; name: string }[];
}
export type ClientPut = Omit<Client, "id" | "version" | "pack_version"> & { version?: number };
export type SubClientPut = Omit<SubClient, "id" | "version"> & { version?: number };

export const readVocabularies = () => get<{ items: Vocabulary[] }>("vocabularies");
export const listClients = (query: Record<string, string>, signal?: AbortSignal) => get<Page<Client>>("clients", query, signal);
export const readClient = (id: string) => get<Client>(`clients/${id}`);
export const putClient = (id: string | null, body: ClientPut) => post<Done>(id ? `clients/${id}` : "clients", body);
export const listSubClients = (client: string) => get<Page<SubClient>>("sub-clients", { client, limit: 200 });
export const putSubClient = (id: string | null, body: SubClientPut) =>
  post<Done>(id ? `sub-clients/${id}` : "sub-clients", body);
