// Tickets: reading lists and pages, and every change that a person can make to one.
import type { Coverage } from "./contracts";
import type { TicketIncident } from "./incidents";
import type { RejectionReason } from "../why/rejections";
import { type Done, type Page, get, post, put, remove, sendBytes } from "./client";
import type { Asked, Client, SubClient } from "./clients";
import type { Job } from "./jobs";
import type { Asset, Contact, Site } from "./records";
import type { OrderReport, Report } from "./visitReports";
import type { Level, LinkKind, Phase, Stage, Visibility, WaitsFor } from "./types";

export interface Ref {
  id: string;
  name: string;
}
export interface TicketRow {
  id: string;
  /** What people call it: `BANK-1042`. */
  number: string;
  client: string;
  /** Nothing when the words were erased. */
  subject: string | null;
  status: string;
  phase: Phase;
  waits_for: WaitsFor | null;
  category: string | null;
  priority: number;
  is_urgent: boolean;
  impact: Level;
  urgency: Level;
  queue: string | null;
  assignee: Ref | null;
  sub_client: Ref | null;
  site: (Ref & { city: string; time_zone: string }) | null;
  asset: { id: string; tag: string; model: string } | null;
  contact: Ref | null;
  channel: string;
  tags: string[];
  opened_at: string;
  updated_at: string;
  resolved_at: string | null;
  /** The nearest unmet SLA target; nothing while the clocks stand. */
  due_at: string | null;
  is_marked: boolean;
  /** Left at the defaults of the pack. */
  is_unclassified: boolean;
  /** Until when the assignee must accept it. */
  accept_until: string | null;
  reopen_count: number;
  version: number;
}
export interface FieldValue {
  kind: "flag" | "number" | "choice" | "moment" | "text";
  value: unknown;
}
export type Fields = Record<string, FieldValue>;
export interface Attachment {
  id: string;
  name: string;
  media_type: string;
  bytes: number;
  uploaded_at: string;
  uploaded_by: string | null;
  visibility: Visibility | null;
  /** Relative to the page's base. */
  url: string;
}
export interface Clock {
  target: string;
  limit: number;
  used: number;
  running_since: string | null;
  met_at: string | null;
  /** The end of the ticket made an answer needless, before its time was over. */
  is_unneeded: boolean;
  due_at: string | null;
  is_breached: boolean;
  paused_by: WaitsFor | "status" | null;
  warned_percent: number;
}
export interface Ladder {
  name: string;
  about: { kind: "ticket" } | { kind: "order"; number: number } | { kind: "task"; department: string };
  /** What is expected; null: only a signal of the script ends it. */
  stage: string | null;
  rungs: { function: string; at: string }[];
  rung_count: number;
  started_at: string;
}
export interface Task {
  id: string;
  ticket: string;
  number: string;
  client: string;
  ticket_subject: string | null;
  department: string;
  title: string | null;
  due_at: string | null;
  outcomes: string[];
  partner: Ref | null;
  fields: Fields;
  state: "open" | "done" | "cancelled";
  opened_at: string;
  taken_by: Ref | null;
  finished_at: string | null;
  outcome: string | null;
  comment: string | null;
  /** What came back with the outcome. */
  files: Attachment[];
  ordinal: number;
}
export interface WorkOrder {
  id: string;
  ticket: string;
  number: string;
  client: string;
  ticket_subject: string | null;
  site: (Ref & { city: string; time_zone: string; address: string }) | null;
  asset: { id: string; tag: string; model: string } | null;
  engineer: Ref;
  stage: Stage;
  next_stages: Stage[];
  note: string | null;
  due_at: string | null;
  planned_at: string | null;
  opened_at: string;
  arrived_at: string | null;
  finished_at: string | null;
  outcome: string | null;
  comment: string | null;
  parts_needed: { code: string; quantity: number }[];
  ordinal: number;
  report: OrderReport;
  /** What was handed in, the first one first. */
  reports: Report[];
}
export interface TicketLink {
  kind: LinkKind;
  /** "to": this ticket carries the link. */
  direction: "to" | "from";
  other: { id: string; number: string; subject: string | null; status: string; phase: Phase; client: string };
}
export interface Actor {
  kind: "person" | "clock" | "script" | "plugin" | "import" | "operator";
  person?: string;
  client?: string;
  name: string | null;
}
export type EventBody = { type: string } & Record<string, unknown>;
export interface TimelineEvent {
  id: string;
  seq: number;
  type: string;
  body: EventBody;
  texts: Record<string, string | null>;
  people: Record<string, string>;
  /** Of the sites, assets, contacts and sub-clients that the event names. */
  names: Record<string, string>;
  tickets: Record<string, { number: string; subject: string | null }>;
  actor: Actor;
  occurred_at: string;
  recorded_at: string;
  /** The script's run that made it. */
  run: string | null;
  attachments: Attachment[];
}
export interface Run {
  id: string;
  client: string;
  /** null: a schedule's run, about the client as a whole. */
  ticket: string | null;
  number: string;
  handler: string;
  state: "applied" | "failed" | "quarantined";
  failure: string | null;
  pack_version: string;
  operations: number;
  micros: number;
  at: string;
}
export interface Draft {
  body: string;
  visibility: Visibility;
}
/** How the client's person rated the ticket, or is asked to. */
export interface Rating {
  asked_at: string;
  score: number | null;
  comment: string | null;
  by: Ref | null;
  rated_at: string | null;
  may_rate: boolean;
  until: string | null;
}
export interface TicketPage {
  ticket: TicketRow & {
    description: string | null;
    resolution: string | null;
    closed_at: string | null;
    handover_count: number;
    fields: Fields;
    watchers: Ref[];
    counters: Record<string, number>;
    pack_version: string | null;
    /** What it lacks to be classified. */
    lacks: Asked[];
    return_count: number;
  };
  timeline: TimelineEvent[];
  timeline_before: string | null;
  tasks: Task[];
  work_orders: WorkOrder[];
  incident: TicketIncident | null;
  rating: Rating | null;
  attachments: Attachment[];
  links: TicketLink[];
  clocks: Clock[];
  timers: { name: string; run_at: string }[];
  ladders: Ladder[];
  runs: Run[];
  jobs: Job[];
  context: {
    client: Client;
    sub_client: SubClient | null;
    contact: Contact | null;
    contact_open: TicketRow[];
    asset: Asset | null;
    asset_tickets: TicketRow[];
    site: Site | null;
    is_covered: boolean | null;
    coverage: Coverage | null;
  };
  draft: Draft | null;
  may: {
    comment_publicly: boolean;
    comment_internally: boolean;
    work: boolean;
    reopen: boolean;
    assign: boolean;
    dispatch: boolean;
    open_task: boolean;
    supervise: boolean;
    lead_incident: boolean;
    see_internals: boolean;
    do_tasks: string[];
    do_orders: string[];
    hand_in_reports: string[];
    judge_reports: string[];
  };
  seq: number;
  now: string;
}
export interface Candidate {
  person: Ref;
  is_suited: boolean;
  rank: number | null;
  rejection: RejectionReason | null;
  grade: number | null;
  city: string | null;
  load: number;
  capacity: number;
  is_on_duty: boolean;
  presence: Presence;
}
/** What the roster says of somebody now. */
export interface Presence {
  is: "not_rostered" | "on_shift" | "on_call" | "off_shift" | "absent";
  until?: string;
}
export interface NewTicket {
  client: string;
  subject: string;
  description: string;
  sub_client: string | null;
  site: string | null;
  asset: string | null;
  contact: string | null;
  category: string | null;
  impact: Level;
  urgency: Level;
  /** A client's person leaves it out: it is always the portal. */
  channel: string | null;
  attachments: string[];
  /** The client's own, by key. */
  fields?: Record<string, unknown>;
}
export type { Level, LinkKind, Phase, Stage, Visibility, WaitsFor };

const at = (ticket: string, rest = "") => `tickets/${encodeURIComponent(ticket)}${rest}`;

export const listTickets = (query: Record<string, string>, signal?: AbortSignal) =>
  get<Page<TicketRow>>("tickets", query, signal);
export const readTicket = (number: string, signal?: AbortSignal) => get<TicketPage>(at(number), {}, signal);
export const openTicket = (body: NewTicket) => post<Done>("tickets", body);
export const changeTicket = (ticket: string, version: number, changes: Record<string, unknown>) =>
  post<Done>(at(ticket, "/changes"), { version, changes });
export const addComment = (
  ticket: string, body: { text: string; visibility: Visibility; attachments: string[]; asks_client: boolean }, idempotencyKey: string,
) => post<Done>(at(ticket, "/comments"), body, { idempotencyKey });
export const addAttachments = (ticket: string, attachments: string[], visibility: Visibility) =>
  post<Done>(at(ticket, "/attachments"), { attachments, visibility });
/** Without a comment, what was written before stays. */
export const rateTicket = (ticket: string, body: { score: number; comment?: string }) => post<Done>(at(ticket, "/rating"), body);
/** Made before the step asks for it, in the same request. */
export type Changes = Record<string, unknown>;
export const assign = (ticket: string, version: number, person: string, changes?: Changes) =>
  post<Done>(at(ticket, "/assign"), { version, to: { how: "person", person }, changes });
export const accept = (ticket: string, version: number) => post<Done>(at(ticket, "/accept"), { version });
export const unassign = (ticket: string, version: number) => post<Done>(at(ticket, "/unassign"), { version });
export const handOver = (ticket: string, version: number, queue: string, reason: string, changes?: Changes) =>
  post<Done>(at(ticket, "/queue"), { version, queue, reason, changes });
export const resolve = (ticket: string, version: number, resolution: string, reason: string, changes?: Changes) =>
  post<Done>(at(ticket, "/resolve"), { version, resolution, reason, changes });
export const close = (ticket: string, version: number, resolution: string, reason: string, changes?: Changes) =>
  post<Done>(at(ticket, "/close"), { version, resolution, reason, changes });
export const reopen = (ticket: string, version: number, reason: string) =>
  post<Done>(at(ticket, "/reopen"), { version, reason });
export const changeTags = (ticket: string, add: string[], take: string[]) =>
  post<Done>(at(ticket, "/tags"), { add, remove: take });
export const link = (ticket: string, other: string, kind: LinkKind) => post<Done>(at(ticket, "/links"), { other, kind });
export const unlink = (ticket: string, other: string, kind: LinkKind) =>
  post<Done>(at(ticket, "/links/remove"), { other, kind });
export const watch = (ticket: string, person: string) =>
  post<Done>(at(ticket, "/watchers"), { who: { kind: "person", person } });
export const unwatch = (ticket: string, person: string) => post<Done>(at(ticket, "/watchers/remove"), { person });
export const clearMark = (ticket: string) => post<Done>(at(ticket, "/clear-mark"), {});

export const keepDraft = (ticket: string, draft: Draft) => put(at(ticket, "/draft"), draft);
export const dropDraft = (ticket: string) => remove(at(ticket, "/draft"));

export const openTask = (ticket: string, body: { department: string; title: string; due_at: string | null }) =>
  post<Done>(at(ticket, "/tasks"), body);
export const takeTask = (task: string) => post<Done>(`tasks/${task}/take`, {});
export const finishTask = (task: string, body: { outcome: string; comment: string | null; attachments?: string[] }) =>
  post<Done>(`tasks/${task}/finish`, body);
export const cancelTask = (task: string, reason: string) => post<Done>(`tasks/${task}/cancel`, { reason });

export interface OrderStep {
  stage: Stage;
  outcome?: string | null;
  comment?: string | null;
  parts_needed?: { code: string; quantity: number }[];
  planned_at?: string | null;
}
export const openWorkOrder = (
  ticket: string, body: { engineer: string; note: string | null; due_at: string | null; planned_at: string | null },
) => post<Done>(at(ticket, "/work-orders"), body);
export const advanceWorkOrder = (order: string, step: OrderStep) => post<Done>(`work-orders/${order}/advance`, step);
export const sendOrderNote = (order: string, text: string) => post<Done>(`work-orders/${order}/notes`, { text });

export const moreTimeline = (ticket: string, before: string) =>
  get<Page<TimelineEvent>>(at(ticket, "/timeline"), { cursor: before, limit: 100 });
/** What an engineer must be; without any of it the server asks for what the site and the asset need. */
export interface Requirements {
  city: string | null;
  grade: number | null;
  certificates: string[];
  languages: string[];
}
export const candidates = (ticket: string, { city, grade, certificates, languages }: Requirements) =>
  get<{ items: Candidate[] }>(at(ticket, "/candidates"), {
    city: city ?? "", grade: grade ?? "", certificates: certificates.join(","), languages: languages.join(","),
  });
export const dispatch = (ticket: string, body: { requirements: Requirements; note: string | null; due_at: string | null }) =>
  post<Done>(at(ticket, "/dispatch"), body);
export const startTimer = (ticket: string, name: string, runAt: string) =>
  post<Done>(at(ticket, "/timers"), { name, run_at: runAt });
export const cancelTimer = (ticket: string, name: string) =>
  post<Done>(at(ticket, `/timers/${encodeURIComponent(name)}/cancel`), {});
export const markDuplicate = (ticket: string, of: string) => post<Done>(at(ticket, "/duplicate"), { of });
export const assignees = (ticket: string) => get<{ items: Candidate[] }>(at(ticket, "/assignees"));
export const listTasks = (query: Record<string, string>) => get<Page<Task>>("tasks", query);
export const listWorkOrders = (query: Record<string, string>) => get<Page<WorkOrder>>("work-orders", query);

/** Sends one file; it belongs to nobody until a command names it. */
export const upload = (file: File) => sendBytes<Attachment>("attachments", { name: file.name }, file);
