// The figures of an alarm as people read them.
import { expect, test } from "vitest";
import type { AlarmLine } from "../api/watch";
import { figures, rounded } from "./words";

const alarm = (kind: AlarmLine["kind"]): AlarmLine => ({
  id: "1", client: "2", kind, queue: null, category: null, since: "2026-11-02T09:00:00Z", raised_at: "2026-11-02T09:15:30Z", observed: 40, peak: 55,
  expected: 6.25, ended_at: null, acknowledged_at: null, acknowledged_by: null, may_acknowledge: true, version: 1,
});

test("small numbers keep a digit, large ones do not", () => {
  expect([rounded(0.42), rounded(3), rounded(12.6)]).toEqual(["0.4", "3", "13"]);
});

test("an alarm says what was seen and what was expected", () => {
  expect(figures(alarm("spike"))).toContain("40");
  expect(figures(alarm("spike"))).toContain("15 min");
  expect(figures(alarm("silence"))).toContain("6.3");
  expect(figures(alarm("depth"))).toContain("55");
});
