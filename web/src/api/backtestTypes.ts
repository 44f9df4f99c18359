// What the API says of a back-test.
import type { TimelineEvent } from "./tickets";

export type BacktestState = "running" | "done" | "cancelled" | "failed";
export type DifferenceKind =
  | "route" | "status" | "category" | "priority" | "breaches_gained" | "breaches_lost" | "tasks" | "dispatches"
  | "messages" | "script_errors" | "presence";
export interface Lost {
  at: string;
  ticket: string | null;
  command: string;
  why: "refused" | "no_ticket" | "no_counterpart" | "not_kept" | "unanswered" | "unreadable";
  said: string | null;
}
export interface Listed {
  count: number;
  /** At most 1,000. */
  first: Lost[];
}
export interface RunReport {
  applied: number;
  not_applied: Listed;
  unknown: Listed;
  breaches: number;
  tasks: number;
  dispatches: number;
  messages: number;
  /** Beyond the limit; they waited for a person. */
  messages_held: number;
  script_errors: number;
}
export interface ErrorCount {
  count: number;
  /** 0: not known. */
  line: number;
}
/** An error of the scripts, and how often each version made it. */
export interface ScriptError {
  handler: string;
  message: string;
  module: string | null;
  published: ErrorCount;
  draft: ErrorCount;
  /** The first few. */
  tickets: { ticket: string; number: number }[];
}
export interface Report {
  commands: number;
  record_changes: number;
  tickets_before: number;
  tickets_opened: number;
  totals: Record<DifferenceKind, number> & { tickets: number };
  published: RunReport;
  draft: RunReport;
  errors: ScriptError[];
  history: { compared: number; differ: number };
  took_ms: number;
}
export interface BacktestRun {
  state: BacktestState;
  from: string;
  to: string;
  started_at: string;
  tried: { published: string | null; digest: string | null };
  failure: string | null;
  differing: number | null;
  script_errors: number | null;
}
export interface BacktestPage extends Omit<BacktestRun, "differing" | "script_errors"> {
  stand: { phase: "reading" | "setting_up" | "replaying" | "comparing"; done: number; total: number };
  report: Report | null;
  earlier: BacktestRun[];
}
/** A ticket's way through the window and where it stood at the end. */
export interface Fate {
  queue: string | null;
  assignee: string | null;
  status: string | null;
  category: string | null;
  priority: number;
  resolution: string | null;
  queues: string[];
  assignees: string[];
  missed: string[];
  tasks: Record<string, number>;
  orders: Record<string, number>;
  messages: number;
  /** Messages beyond the limit. */
  held: number;
  calls: number;
  script_errors: number;
}
export interface BacktestTicket {
  ticket: string;
  kinds: DifferenceKind[];
  published: Fate | null;
  draft: Fate | null;
  called: { number: string; subject: string | null } | null;
  people: Record<string, string>;
}
export interface BacktestTimelines {
  published: TimelineEvent[];
  draft: TimelineEvent[];
}
export interface Survey {
  commands: number;
  tickets: number;
  first_at: string | null;
  last_at: string | null;
  is_cut: boolean;
}
