// Painting the week: what is opened and closed, and that nothing else moves.
import { expect, test } from "vitest";
import type { WeeklyHours } from "../api/time";
import { CELLS, DAYS, isOpen, paint } from "./week";

const OFFICE: WeeklyHours[] = [{ days: ["mon", "tue", "fri"], from: "09:10", to: "18:00" }];

test("an hour that is opened on a day joins what is open beside it", () => {
  expect(paint(OFFICE, "tue", 36, 37, true)).toEqual([
    { days: ["mon", "fri"], from: "09:10", to: "18:00" }, { days: ["tue"], from: "09:10", to: "19:00" },
  ]);
});

test("a lunch hour cuts a day in two and leaves its minutes", () => {
  expect(paint(OFFICE, "mon", 25, 24, false)).toEqual([
    { days: ["mon"], from: "09:10", to: "12:00" }, { days: ["mon"], from: "13:00", to: "18:00" },
    { days: ["tue", "fri"], from: "09:10", to: "18:00" },
  ]);
});

test("painting any cell changes that cell alone", () => {
  for (const day of DAYS) {
    for (let cell = 0; cell < CELLS; cell += 5) {
      const after = paint(OFFICE, day, cell, cell, !isOpen(OFFICE, day, cell));
      for (const other of DAYS) {
        for (let at = 0; at < CELLS; at++) {
          const isPainted = other === day && at === cell;
          expect(isOpen(after, other, at)).toBe(isOpen(OFFICE, other, at) !== isPainted);
        }
      }
    }
  }
});
