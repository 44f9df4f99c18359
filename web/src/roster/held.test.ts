// Reading the roster again draws again only those whose shifts or absences changed.
import { expect, test } from "vitest";
import type { Shift } from "../api/roster";
import { gather, keepSame } from "./held";

const shift = (id: string, person: string, version = 1): Shift => ({
  id, person, from: "2026-12-01T05:00:00Z", to: "2026-12-01T17:00:00Z", kind: { is: "regular" }, queue: null, client: null, note: null,
  series: null, version, changed_by: null, changed_at: null,
});

test("a person whose shifts are as they were stays the same object", () => {
  const before = gather({ shifts: [shift("1", "a"), shift("2", "b")], absences: [] });
  const after = keepSame(before, gather({ shifts: [shift("1", "a"), shift("2", "b", 2), shift("3", "c")], absences: [] }));
  expect(after.get("a")).toBe(before.get("a"));
  expect(after.get("b")).not.toBe(before.get("b"));
  expect([...after.keys()]).toEqual(["a", "b", "c"]);
  expect(keepSame(before, gather({ shifts: [shift("2", "b")], absences: [] })).has("a")).toBe(false);
});
