// What pages of a preview come to.
import { expect, test } from "vitest";
import type { MoveLine } from "../api/openTickets";
import { NO_SUMS, added, meansElse } from "./preview.svelte";

test("the sums of pages add up", () => {
  const page = { ...NO_SUMS, looked_at: 200, moved: 150, stayed: 50, breaches_gained: 3 };
  expect(added(added(NO_SUMS, page), page)).toEqual({ ...NO_SUMS, looked_at: 400, moved: 300, stayed: 100, breaches_gained: 6 });
});

test("a status means something else where its phase or whom we wait for differs", () => {
  const line = (before: MoveLine["meaning_before"], after: MoveLine["meaning_after"]) =>
    meansElse({ meaning_before: before, meaning_after: after } as MoveLine);
  expect(line({ phase: "open", waits_for: "part" }, { phase: "open", waits_for: "part" })).toBe(false);
  expect(line({ phase: "open", waits_for: "part" }, { phase: "open", waits_for: null })).toBe(true);
  expect(line({ phase: "new", waits_for: null }, { phase: "open", waits_for: null })).toBe(true);
  expect(line(null, null)).toBe(false);
});
