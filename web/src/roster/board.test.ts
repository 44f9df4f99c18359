// The board: where shifts stand, what they sum to, what is painted over ranges, what stands in the way.
import { expect, test } from "vitest";
import type { Absence, Shift, ShiftKind, Worker } from "../api/roster";
import { type Held, type Row, along, away, placed, rowOf } from "./board";
import { carry, conflictsOf, erase, nothing, paint, paintTurn, paste, pieceOf, stretch } from "./changes";
import { byDay, stretches } from "./coverage";
import { Zone, dayOf, daysFrom, zoneOf } from "./days";
import { inverse, stepOf } from "./history";
import { type Template, hours, shiftOn, templateOf, turnOf } from "./templates";

const FIRST = dayOf("2026-12-01");
const DAYS = daysFrom(FIRST, 31);
const MOSCOW = zoneOf("Europe/Moscow");
const DAY: Template = { from: 480, minutes: 720, kind: { is: "regular" } };
const NIGHT: Template = { from: 1_200, minutes: 720, kind: { is: "regular" } };
const TEAM = { queue: "support", client: "1" };
const ALL = { queue: null, client: null };

const worker = (id: string): Worker => ({ id, name: id, time_zone: "Europe/Moscow", memberships: [{ queue: "support", client: null }] });
let next = 0;
function shift(person: string, from: string, to: string, kind: ShiftKind = { is: "regular" }): Shift {
  next += 1;
  return { id: String(next), person, from, to, kind, queue: null, client: null, note: null, series: null, version: 1, changed_by: null, changed_at: null };
}
const absence = (person: string, from: string, to: string): Absence => ({ id: "9", person, from, to, kind: "sick", version: 1 });
const held = (shifts: Shift[], absences: Absence[] = []): Held => ({ shifts: shifts.map(placed), absences: absences.map(away) });
const row = (id: string, own: Held | undefined, zone: Zone = MOSCOW): Row => rowOf(worker(id), own, DAYS, zone);
const whole = (rows: Row[]) => ({ top: 0, bottom: rows.length - 1, left: 0, right: 30 });

test("a shift stands on the day on which it begins in its row's zone, and sums leave out absences and on call", () => {
  const own = held(
    [
      shift("a", "2026-12-01T05:00:00Z", "2026-12-01T17:00:00Z"), shift("a", "2026-12-02T22:30:00Z", "2026-12-03T05:00:00Z"),
      shift("a", "2026-12-05T17:00:00Z", "2026-12-06T05:00:00Z", { is: "on_call" }), shift("a", "2026-11-30T17:00:00Z", "2026-12-01T05:00:00Z"),
    ],
    [absence("a", "2026-12-01T15:00:00Z", "2026-12-01T21:00:00Z")],
  );
  const moscow = row("a", own);
  expect(moscow.cells.map((cell) => cell.shifts.length).slice(0, 5)).toEqual([1, 0, 1, 0, 1]);
  expect([moscow.minutes, moscow.nights]).toEqual([10 * 60 + 390, 1]);
  expect(row("a", own, zoneOf("UTC")).cells[1]!.shifts.length).toBe(1);
  expect(moscow.cells[0]!.away?.id).toBe("9");
});

test("a day when clocks change is as wide as any, and its hours count as they pass", () => {
  const days = daysFrom(dayOf("2026-10-24"), 3);
  const berlin = zoneOf("Europe/Berlin");
  const night = placed({ ...shift("a", "", ""), ...shiftOn(NIGHT, "a", days[0]!, berlin, ALL) } as Shift);
  const own = rowOf(worker("a"), { shifts: [night], absences: [] }, days, berlin);
  expect([night.from, night.to, own.minutes]).toEqual(["2026-10-24T18:00:00.000Z", "2026-10-25T07:00:00.000Z", 13 * 60]);
  expect(along(own.begins, berlin.begin(days[1]!))).toBeCloseTo(1 / 3, 10);
});

test("painting replaces what it overlaps in its own cell and leaves days of absence out", () => {
  const rows = [row("a", held([shift("a", "2026-12-01T06:00:00Z", "2026-12-01T15:00:00Z")], [absence("a", "2026-12-02T21:00:00Z", "2026-12-04T21:00:00Z")]))];
  const { change, leftOut } = paint(rows, { ...whole(rows), right: 5 }, () => DAY, ALL);
  expect([change.put_shifts.length, change.remove_shifts.length, leftOut]).toEqual([4, 1, 2]);
});

test("a turn is staggered from person to person", () => {
  const rows = ["a", "b", "c", "d"].map((id) => row(id, undefined));
  const { change } = paintTurn(rows, whole(rows), [0, 1, null, null], [DAY, NIGHT], 1, ALL);
  const of = (person: string) => change.put_shifts.filter((put) => put.person === person).map((put) => put.from.slice(8, 13));
  expect(of("a").slice(0, 3)).toEqual(["01T05", "02T17", "05T05"]);
  expect(of("b").slice(0, 3)).toEqual(["01T17", "04T05", "05T17"]);
  expect(conflictsOf(new Map(), change)).toEqual([]);
  const people = rows.map((one) => ({ worker: one.worker, held: held(change.put_shifts.filter((put) => put.person === one.worker.id).map((put) => ({ ...shift("x", "", ""), ...put }) as Shift)) }));
  const begins = rows[0]!.begins;
  const days = byDay(stretches(people, TEAM, begins[0]!, begins[31]!), begins, 1);
  expect(days.slice(1).every((day) => day.min === 1 && day.max === 1 && day.gaps.length === 0)).toBe(true);
  // Nobody's night of the day before reaches into the first.
  expect(days[0]!.gaps.map((gap) => (gap.to - gap.from) / 3_600_000)).toEqual([8]);
});

test("a copied piece is repeated over a larger block, with hours as clocks show them", () => {
  const one = row("a", held([shift("a", "2026-12-01T05:00:00Z", "2026-12-01T17:00:00Z"), shift("a", "2026-12-02T17:00:00Z", "2026-12-03T05:00:00Z")]));
  const rows = [one, row("b", undefined)];
  const piece = pieceOf(rows, { top: 0, bottom: 0, left: 0, right: 3 });
  const { change } = paste(rows, piece, { top: 1, bottom: 1, left: 0, right: 30 });
  expect(change.put_shifts.length).toBe(16);
  expect(change.put_shifts[15]!.from).toBe("2026-12-30T17:00:00.000Z");
  expect(change.put_shifts.every((put) => put.person === "b")).toBe(true);
});

test("conflicts are found before the server is asked", () => {
  const standing = held([shift("a", "2026-12-01T17:00:00Z", "2026-12-02T06:00:00Z")]);
  const rows = [row("a", standing)];
  const { change } = paint(rows, { top: 0, bottom: 0, left: 1, right: 1 }, () => DAY, ALL);
  expect(conflictsOf(new Map([["a", standing]]), change).map((one) => one.why)).toEqual(["overlap"]);
  const long = stretch(standing.shifts, "end", 13 * 60);
  expect(conflictsOf(new Map([["a", standing]]), long).map((one) => one.why)).toEqual(["too_long"]);
  const none = stretch(standing.shifts, "end", -13 * 60);
  expect(conflictsOf(new Map([["a", standing]]), none).map((one) => one.why)).toEqual(["no_length"]);
});

test("a carried shift keeps its hours over a change of the clocks and leaves the queue the other is not in", () => {
  const berlin = zoneOf("Europe/Berlin");
  const days = daysFrom(dayOf("2026-10-20"), 10);
  const own = held([{ ...shift("a", "2026-10-24T06:00:00Z", "2026-10-24T14:00:00Z"), queue: "support" }]);
  const other: Worker = { ...worker("b"), memberships: [] };
  const rows = [rowOf(worker("a"), own, days, berlin), rowOf(other, undefined, days, berlin)];
  const [put] = carry(rows, own.shifts, { rows: 1, days: 2 }, "move").put_shifts;
  expect([put!.person, put!.from, put!.to, put!.queue]).toEqual(["b", "2026-10-26T07:00:00.000Z", "2026-10-26T15:00:00.000Z", null]);
});

test("a step is taken back, and not over somebody else's change", () => {
  const before = held([shift("a", "2026-12-01T05:00:00Z", "2026-12-01T17:00:00Z")]);
  const rows = [row("a", before)];
  const change = { ...nothing(), ...erase(rows, { top: 0, bottom: 0, left: 0, right: 0 }) };
  const made = { ...shift("a", "2026-12-05T05:00:00Z", "2026-12-05T17:00:00Z"), series: "77" };
  const now = held([made]);
  const step = stepOf("x", change, new Map([["a", before]]), new Map([["a", now]]), "77");
  const back = inverse(step, new Map([["a", now]]))!;
  expect(back.remove_shifts).toEqual([{ id: made.id, version: 1 }]);
  expect(back.put_shifts[0]).toMatchObject({ person: "a", from: "2026-12-01T05:00:00Z" });
  const theirs = held([{ ...made, to: "2026-12-05T18:00:00Z", version: 2 }]);
  expect(inverse(step, new Map([["a", theirs]]))).toBe(null);
});

test("templates and turns are read as they are typed", () => {
  expect(hours(templateOf(1_200, 480, { is: "regular" }))).toBe("20–8");
  expect(hours(templateOf(0, 0, { is: "regular" }))).toBe("0–24");
  expect(turnOf("1, 2 - –", 2)).toEqual([0, 1, null, null]);
  expect([turnOf("3", 2), turnOf("- -", 2), turnOf("", 2)]).toEqual([null, null, null]);
});
