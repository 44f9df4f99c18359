// Script tests of a client's draft: kept, run, and written from a ticket; and why a run did not do something.
import { type Done, get, post } from "./client";
import type { Texts } from "./workflow";

export type TestTexts = Record<string, string>;

export interface TestFailure {
  line: number;
  column: number;
  message: string;
  /** Where a limit stopped the test: which, and how much it is. */
  code?: string;
  values?: Record<string, string>;
  expected: string | null;
  actual: string | null;
  /** What happened on the tickets so far. */
  story: string[];
}
export interface TestResult {
  name: string;
  file: string;
  line: number;
  outcome: "passed" | "failed";
  millis: number;
  failed: TestFailure | null;
  unanswered: string[];
}
export interface TestProblem {
  file: string;
  line: number;
  column: number;
  message: string;
}
export interface Share {
  covered: number;
  total: number;
  percent: number;
}
export interface LineCoverage {
  line: number;
  state: "ran" | "partly" | "not_run";
  times: number;
  ways: { column: number; way: string; times: number }[];
}
export interface ScriptCoverage {
  lines: Share;
  branches: Share;
  files: { file: string; lines: Share; branches: Share; each_line: LineCoverage[] }[];
}
export interface TestReport {
  tests: TestResult[];
  problems: TestProblem[];
  millis: number;
  coverage?: ScriptCoverage | null;
}
export interface WrittenTest {
  number: string;
  file: string;
  text: string;
  is_proven: boolean;
  assertions: number;
  not_reproduced: string[];
}

const at = (client: string, rest = "") => `clients/${client}/workflow/tests${rest}`;

export const readTests = (client: string) => get<{ tests: TestTexts; saved_at: string | null }>(at(client));
export const saveTests = (client: string, tests: TestTexts) => post<Done>(at(client), { tests });
export const runTests = (client: string, texts: Texts, tests: TestTexts) =>
  post<TestReport>(at(client, "/run"), { ...texts, tests });
export const writeTest = (ticket: string) => get<WrittenTest>(`tickets/${ticket}/script-test`);

export interface Outcome {
  key: string;
  call: string;
  target: string | null;
}
export interface OnTheWay {
  module: string | null;
  line: number;
  column: number;
  condition: string;
  wanted: string;
  is_met: boolean;
  value: string | null;
  operands: { text: string; is_true: boolean | null; values: { text: string; value: string }[] }[];
}
export interface WhyNotPlace {
  module: string | null;
  line: number;
  column: number;
  function: string;
  verdict: { verdict: "reached" | "stopped" | "failed" | "not_come" } | { verdict: "left"; line: number; column: number };
  conditions: OnTheWay[];
}
export interface WhyNot {
  handler: string;
  outcome: Outcome;
  places: WhyNotPlace[];
}

export const listOutcomes = (run: string) => get<{ outcomes: Outcome[] }>(`runs/${run}/outcomes`);
export const askWhyNot = (run: string, outcome: string) => get<WhyNot>(`runs/${run}/why-not`, { outcome });
