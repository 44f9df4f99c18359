// The state graph of a client's workflow: what the script says and where tickets went.
import { type Page, get } from "./client";
import type { Label } from "./types";

export type GraphOf = "draft" | "published";
export type WayKind = "status" | "queue" | "task" | "answer";
export type Known = { known: "any" } | { known: "only" | "except"; keys: string[] };
export type GraphNode =
  | { type: "any_status" | "any_queue" | "no_queue" }
  | { type: "status" | "queue" | "department" | "computed"; key: string };
export interface GraphStep {
  kind: WayKind;
  how: string;
  target: string | null;
  from: Known;
  department: Known;
  outcome: Known;
  handler: string;
  function: string;
  module: string | null;
  line: number;
  column: number;
  is_other_ticket: boolean;
}
export interface Traffic {
  script: number;
  people: number;
  desk: number;
}
export interface GraphEdge {
  from: GraphNode;
  to: GraphNode;
  kind: WayKind;
  outcomes: Known;
  answered: string[];
  steps: GraphStep[];
  is_certain: boolean;
  /** `null`: counted by the edges that leave a certain status or queue. */
  traffic: Traffic | null;
}
interface Named {
  key: string;
  label: Label;
}
export interface Graph {
  of: GraphOf;
  since: string;
  statuses: (Named & { phase: string; waits_for: string | null })[];
  queues: (Named & { kind: string; outcomes: Named[] })[];
  edges: GraphEdge[];
  is_whole: boolean;
}
export interface MovedTicket {
  ticket: string;
  number: string;
  subject: string | null;
  at: string;
}
export interface Way {
  kind: WayKind;
  from: string;
  to: string;
}

const at = (client: string, rest = "") => `clients/${client}/workflow/graph${rest}`;
export const readGraph = (client: string, of: GraphOf) => get<Graph>(at(client), { of });
export const listMoved = (client: string, way: Way, cursor?: string) =>
  get<Page<MovedTicket>>(at(client, "/tickets"), { ...way, limit: 20, cursor });
