// The operand that decided is named with its values.
import { expect, it } from "vitest";
import { seenWords } from "./whyNot";

it("names the operand that decided, with its values", () => {
  const place = { module: null, line: 3, column: 5, condition: "a && b > 2", wanted: "true", is_met: false, value: null };
  const operands = [
    { text: "a", is_true: true, values: [] }, { text: "b > 2", is_true: false, values: [{ text: "b", value: "1" }] },
  ];
  expect(seenWords({ ...place, operands })).toBe("b > 2: false (b = 1)");
  expect(seenWords({ ...place, condition: "a", operands: [{ text: "a", is_true: true, values: [] }] })).toBe("true");
  expect(seenWords({ ...place, operands: [] })).toBe("");
});
