// Contracts: what a client's package grants, who is named, how a month stands, what a ticket's coverage is.
import { type Done, get, post } from "./client";
import type { Actor, Ref } from "./tickets";
import type { Label } from "./types";

export type Unit = "minutes" | "requests";
export type Cover = "included" | "excluded" | "paid";
export type AdjustmentKind = "bought" | "carry_over" | "correction";
export type NotCovered =
  | "excluded_category" | "excluded_service" | "paid_service" | "not_a_named_contact" | "channel_not_in_package"
  | "outside_hours" | "balance_used_up";
export interface Balance {
  unit: Unit;
  granted: number;
  adjusted: number;
  drawn: number;
  /** Below zero when more was drawn than there was. */
  left: number;
}
export interface PriorityRaise {
  charge: "free" | "balance" | "billed";
  /** What it draws, in the unit of the balance. */
  amount: number | null;
  price: Label;
  by_contacts: boolean;
  up_to: number;
}
export interface Package {
  key: string;
  label: Label;
  asked_by: "any" | "named";
  named_contacts_max: number | null;
  channels: string[];
  services: Record<string, Cover>;
  excluded_categories: string[];
  monthly: { hours: number | null; requests: number | null; outside_services: string[]; outside_categories: string[] } | null;
  priority_raise: PriorityRaise | null;
}
export interface Service {
  key: string;
  label: Label;
  categories: string[];
}
/** A ticket that the reader may see. */
interface TicketName {
  number: string;
  subject: string | null;
}
export interface Draw {
  ticket: string;
  at: string;
  amount: number;
  what: "time_entry" | "request" | "priority_raise";
  ticket_line: TicketName | null;
  person_name: string | null;
}
export interface Adjustment {
  id: string;
  valid_from: string;
  unit: Unit;
  amount: number;
  kind: AdjustmentKind;
  reason_text: string | null;
  author_name: string | null;
}
export interface Raise {
  id: string;
  ticket: string;
  raised_at: string;
  from: number;
  to: number;
  charge: PriorityRaise["charge"];
  amount: number;
  unit: Unit | null;
  ticket_line: TicketName | null;
  agreed_by_name: string | null;
  author_name: string | null;
}
export interface Month {
  month: string;
  balance: Balance | null;
  adjustments: Adjustment[];
  draws: Draw[];
  raises: Raise[];
  has_more: boolean;
}
export interface Named {
  contact: Ref;
  valid_from: string;
  valid_until: string | null;
  author: Actor | null;
}
export interface ContractPage {
  client: string;
  sub_client: Ref | null;
  is_shared: boolean;
  time_zone: string;
  package: Package | null;
  hours: Label | null;
  services: Service[];
  excluded_categories: string[];
  named_contacts: Named[];
  can_be_named: Ref[];
  month: Month | null;
  past: { month: string; balance: Balance }[];
  may_keep: boolean;
}
export interface Coverage {
  package: string | null;
  service: string | null;
  is_covered: boolean;
  reason: NotCovered | null;
  draws: boolean;
  unit: Unit | null;
  balance_left: number | null;
  package_label: Label | null;
  service_label: Label | null;
  balance: Balance | null;
  priority_raise: PriorityRaise | null;
}

export const readContract = (client: string, query: Record<string, string>, signal?: AbortSignal) =>
  get<ContractPage>(`clients/${client}/contract`, query, signal);
export const nameContact = (client: string, contact: string, state: "on" | "off") =>
  post<Done>(`clients/${client}/named-contacts`, { contact, state });
export interface AdjustmentPut {
  sub_client: string | null;
  amount: number;
  kind: AdjustmentKind;
  reason: string;
  valid_from: string | null;
}
export const adjustBalance = (client: string, body: AdjustmentPut) => post<Done>(`clients/${client}/balance`, body);
export interface RaisePut {
  version: number;
  to: number;
  is_agreed: boolean;
  agreed_by: string | null;
  reason: string | null;
}
export const raisePriority = (ticket: string, body: RaisePut) => post<Done>(`tickets/${ticket}/raise-priority`, body);
