// What a difference comes to.
import { expect, test } from "vitest";
import type { ClockFigures, RecountLine } from "../api/recount";
import { sumsOf } from "./page.svelte";

const figures = (is_breached: boolean): ClockFigures => ({ limit: 60_000, used: 0, due_at: null, met_at: null, is_unneeded: false, is_breached });
const line = (ticket: string, clocks: [boolean | null, boolean | null][], status = ""): RecountLine => ({
  ticket, number: ticket, subject: "", obstacles: status ? [{ what: "status", key: status, of: null }] : [],
  clocks: clocks.map(([before, after]) => ({
    target: "resolution", before: before === null ? null : figures(before), after: after === null ? null : figures(after),
  })),
});

test("a ticket counts once, however many of its targets change", () => {
  const lines = [
    line("1", [[false, true], [null, true]]), line("2", [[true, false]]), line("3", [[true, true], [false, true]]),
    line("4", []), line("5", [], "gone"), line("6", [[true, null]]),
  ];
  expect(sumsOf(lines)).toEqual({ changed: 4, same: 1, impossible: 1, newlyOverdue: 1, overdueNoMore: 2 });
});
