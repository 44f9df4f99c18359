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

interface SeenOperand {
  text: string;
  /** Nothing when it could not be asked again. */
  is_true: boolean | null;
  values: { text: string; value: string }[];
}
/** A step of the server's trace; only branches and switches are shown here. */
interface Step {
  line: number;
  column: number;
  type: string;
  condition?: string;
  is_taken?: boolean | null;
  operands?: SeenOperand[];
  subject?: string;
  value?: string;
}

/** The conditions and switches that the run met, in their order. */
export function traceOf(answer: unknown): Trace {
  const { steps = [] } = (answer ?? {}) as { steps?: Step[] };
  const met = steps.filter((step) => step.type === "branch" || step.type === "switch");
  return { lines: steps.map((step) => step.line), branches: met.map(branchOf), rejections: [] };
}

function branchOf(step: Step): Branch {
  const isSwitch = step.type === "switch";
  const operand = step.operands?.find((one) => one.is_true === false);
  return {
    line: step.line,
    column: step.column,
    condition: isSwitch ? `${step.subject ?? ""} = ${step.value ?? ""}` : (step.condition ?? ""),
    taken: isSwitch || step.is_taken === true,
    firstFalse: step.is_taken === false ? operandWords(operand) : null,
  };
}

/** The operand with what its parts were: "ticket.priority > 2 (ticket.priority = 1)". */
function operandWords(operand: SeenOperand | undefined): string | null {
  if (!operand) return null;
  const values = operand.values.map(({ text, value }) => `${text} = ${value}`).join(", ");
  return values ? `${operand.text} (${values})` : operand.text;
}
