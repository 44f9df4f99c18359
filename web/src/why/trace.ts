// What the server says about a run that it played again: lines, branches, rejected candidates.
import type { Rejection } from "./rejections";

export interface Branch {
  line: number;
  column: number | null;
  condition: string;
  taken: boolean;
  /** The first operand that was false where the branch was not taken. */
  firstFalse: string | null;
}
export interface Trace {
  lines: number[];
  branches: Branch[];
  rejections: Rejection[];
}

type Loose = Record<string, unknown>;

/** Reads the trace as it serialises; what is absent is empty. */
export function traceOf(answer: unknown): Trace {
  const trace = (answer ?? {}) as Loose;
  const branches = (trace.branches as Loose[] | undefined) ?? [];
  return {
    lines: ((trace.lines ?? trace.lines_taken) as number[] | undefined) ?? [],
    branches: branches.map(branchOf),
    rejections: ((trace.rejections ?? trace.rejected) as Rejection[] | undefined) ?? [],
  };
}

function branchOf(branch: Loose): Branch {
  return {
    line: Number(branch.line ?? 0),
    column: branch.column === undefined ? null : Number(branch.column),
    condition: String(branch.condition ?? branch.text ?? ""),
    taken: Boolean(branch.taken ?? branch.is_taken),
    firstFalse: (branch.first_false ?? branch.false_operand ?? null) as string | null,
  };
}
