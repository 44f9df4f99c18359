// Major incidents and possible duplicates: what the desk tells of them and the steps that change them.
import { type Done, type Page, get, post } from "./client";
import type { Ref, TicketRow } from "./tickets";

export type IncidentTexts = Partial<Record<"ru" | "en", string>>;
export interface IncidentRule {
  categories: string[];
  countries: string[];
  cities: string[];
  sites: string[];
  sub_clients: string[];
  models: string[];
  words: string[];
  opened_after: string | null;
}
export interface IncidentLine {
  /** The parent ticket, by which the incident is named. */
  id: string;
  number: string;
  client: string;
  subject: string | null;
  is_open: boolean;
  declared_at: string;
  ended_at: string | null;
  last_update_at: string | null;
  attached: number;
  /** Those that an update reaches now. */
  reach: number;
}
export type RoundKind = "update" | "gather" | "resolve_untouched" | "resolve_all" | "close_untouched" | "close_all";
export type AttachedEnd = "leave" | Exclude<RoundKind, "update" | "gather">;
export interface Round {
  id: string;
  kind: RoundKind;
  by: Ref | null;
  text: string | null;
  reached: number;
  left: number;
  started_at: string;
  /** Nothing: it goes on. */
  finished_at: string | null;
}
export interface Incident extends IncidentLine {
  rule: IncidentRule;
  names: Record<string, string>;
  texts: IncidentTexts;
  last_update: string | null;
  rounds: Round[];
  touched: TicketRow[];
  may_lead: boolean;
  may_work: boolean;
  version: number;
}
/** On a ticket's page; the client's people get neither id nor number. */
export interface TicketIncident {
  id: string | null;
  number: string | null;
  subject: string | null;
  is_parent: boolean;
  is_open: boolean;
  declared_at: string;
  texts: IncidentTexts;
  last_update: string | null;
  last_update_at: string | null;
}
export type Likeness =
  | { why: "same_asset" } | { why: "same_contact" } | { why: "same_site" } | { why: "similar_text"; percent: number };
export interface Similar {
  ticket: TicketRow;
  score: number;
  reasons: Likeness[];
}
export type Request = Record<"client" | "sub_client" | "site" | "asset" | "contact" | "category" | "subject", string>;

const at = (id: string, step = "") => `incidents/${encodeURIComponent(id)}${step}`;

export const NO_RULE: IncidentRule = {
  categories: [], countries: [], cities: [], sites: [], sub_clients: [], models: [], words: [], opened_after: null,
};

export const listIncidents = (query: Record<string, string>, signal?: AbortSignal) =>
  get<Page<IncidentLine>>("incidents", query, signal);
export const readIncident = (id: string, signal?: AbortSignal) => get<Incident>(at(id), {}, signal);
export const incidentsFor = (request: Request, signal?: AbortSignal) =>
  get<{ items: IncidentLine[] }>("incidents/matching", request, signal);
export const similarTo = (request: Request, signal?: AbortSignal) => get<{ items: Similar[] }>("similar", request, signal);
export const similarOf = (ticket: string, signal?: AbortSignal) =>
  get<{ items: Similar[] }>(`tickets/${encodeURIComponent(ticket)}/similar`, {}, signal);

export const declareIncident = (ticket: string, rule: IncidentRule, texts: IncidentTexts) =>
  post<Done>("incidents", { ticket, rule, texts });
export const changeIncident = (incident: string, version: number, rule: IncidentRule, texts: IncidentTexts) =>
  post<Done>("incidents/change", { incident, version, rule, texts });
export const sendUpdate = (incident: string, text: string) => post<Done>(at(incident, "/updates"), { text });
export const gather = (incident: string) => post<Done>(at(incident, "/gather"), {});
export const endIncident = (incident: string, version: number, resolution: string, reason: string, attached: AttachedEnd) =>
  post<Done>("incidents/end", { incident, version, resolution, reason: reason || null, attached });
export const attachTo = (ticket: string, incident: string) =>
  post<Done>(`tickets/${encodeURIComponent(ticket)}/incident`, { incident });
export const takeOff = (ticket: string) => post<Done>(`tickets/${encodeURIComponent(ticket)}/incident/remove`, {});
