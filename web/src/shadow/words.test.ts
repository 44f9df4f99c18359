// Which commands only one version wanted, and how long times are called.
import { expect, test } from "vitest";
import type { SaidCommand } from "../api/shadow";
import { HOURS, onlyHere, timeWord } from "./words";

const said = (tag: string, line = 1): SaidCommand => ({ module: null, line, command: { type: "change_tags", add: [tag] } });

test("a command is only here when the other has none left that is the same", () => {
  expect(onlyHere([said("a"), said("b")], [said("b", 9), said("a", 8)])).toEqual([false, false]);
  expect(onlyHere([said("a"), said("a"), said("c")], [said("a")])).toEqual([false, true, true]);
  expect(onlyHere([], [said("a")])).toEqual([]);
});

test("each time has words of its own", () => {
  expect(new Set(HOURS.map(timeWord)).size).toBe(HOURS.length);
});
