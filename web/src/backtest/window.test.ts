// Presets end before they begin nowhere, and hold the last command.
import { expect, test } from "vitest";
import { endMoment, presetSpan } from "./window";

const NOW = new Date(2026, 10, 26, 15, 30, 20);

test("the last seven days begin at a midnight and end now", () => {
  expect(presetSpan("week", NOW)).toEqual({ from: new Date(2026, 10, 19), to: NOW });
});
test("the last month is a whole one, also in January", () => {
  expect(presetSpan("month", NOW)).toEqual({ from: new Date(2026, 9, 1), to: new Date(2026, 10, 1) });
  expect(presetSpan("month", new Date(2026, 0, 5))).toEqual({ from: new Date(2025, 11, 1), to: new Date(2026, 0, 1) });
});
test("the whole history is what the desk has, in whole minutes around it", () => {
  const had = { first_at: "2016-02-29T01:16:30Z", last_at: "2016-03-10T12:00:00Z" };
  expect(presetSpan("whole", NOW, had)).toEqual({ from: new Date("2016-02-29T01:16:00Z"), to: new Date("2016-03-10T12:01:00Z") });
});
test("it is no longer than the server plays, and never in the future", () => {
  const span = presetSpan("whole", NOW, { first_at: "2020-01-01T00:00:00Z", last_at: NOW.toISOString() })!;
  expect(span.to).toEqual(NOW);
  expect((span.to.getTime() - span.from.getTime()) / 86_400_000).toBe(400);
});
test("the present minute means now, another one its beginning", () => {
  const now = Date.parse("2026-11-26T07:50:33.500Z");
  expect(endMoment("2026-11-26T07:50:00.000Z", now)).toBe("2026-11-26T07:50:33.500Z");
  expect(endMoment("2026-11-26T07:49:00.000Z", now)).toBe("2026-11-26T07:49:00.000Z");
});
test("a desk without commands has no history", () => {
  expect(presetSpan("whole", NOW)).toBeNull();
  expect(presetSpan("whole", NOW, { first_at: null, last_at: null })).toBeNull();
});
