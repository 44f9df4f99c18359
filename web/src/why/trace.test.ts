// A trace reads as branches with the first operand that was false, and what its parts were.
import { expect, it } from "vitest";
import { traceOf } from "./trace";

it("names the first false operand with its values", () => {
  const operands = [
    { text: "a", is_true: true, values: [] }, { text: "b > 2", is_true: false, values: [{ text: "b", value: "1" }] },
  ];
  const answer = { steps: [
    { line: 3, column: 8, type: "branch", condition: "a && b > 2", is_taken: false, operands },
    { line: 5, column: 4, type: "call", function: "f" },
    { line: 6, column: 4, type: "switch", subject: "c", value: "\"x\"" },
  ] };
  expect(traceOf(answer).branches).toEqual([
    { line: 3, column: 8, condition: "a && b > 2", taken: false, firstFalse: "b > 2 (b = 1)" },
    { line: 6, column: 4, condition: "c = \"x\"", taken: true, firstFalse: null },
  ]);
});
