// Weeks begin on Monday and lose no entry; sums are by day and by ticket.
import { expect, test } from "vitest";
import { byDay, byTicket, weekStart, weeksOn } from "./week";

const at = (day: number, hour: number) => new Date(2026, 10, day, hour).toISOString();

test("a week begins on Monday, Sunday belongs to the one before", () => {
  expect(weekStart(new Date(2026, 10, 29, 23))).toEqual(new Date(2026, 10, 23));
  expect(weekStart(new Date(2026, 10, 23))).toEqual(new Date(2026, 10, 23));
  expect(weeksOn(new Date(2026, 10, 30), 1)).toEqual(new Date(2026, 11, 7));
});
test("entries are added up by day and by ticket", () => {
  const entries = [
    { began_at: at(23, 0), minutes: 30, ticket: "a" },
    { began_at: at(23, 23), minutes: 15, ticket: "b" },
    { began_at: at(29, 23), minutes: 40, ticket: "b" },
    { began_at: at(30, 0), minutes: 9, ticket: "a" },
  ];
  expect(byDay(new Date(2026, 10, 23), entries).map((one) => one.minutes)).toEqual([45, 0, 0, 0, 0, 0, 40]);
  expect(byTicket(entries).map((one) => [one.entry.ticket, one.minutes])).toEqual([["b", 55], ["a", 39]]);
});
