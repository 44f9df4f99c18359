// The board: each person's days with the shifts that begin on them and the absences that touch them.
import type { Absence, Shift, Worker } from "../api/roster";
import { type Day, HOUR_MS, MINUTE_MS, type Zone } from "./days";

/** A shift with its moments as numbers, which is what everything here compares. */
export interface Placed extends Shift {
  start: number;
  end: number;
}
export interface Away extends Absence {
  start: number;
  end: number;
}
/** What the roster holds of one person; a new object whenever any of it changed. */
export interface Held {
  shifts: Placed[];
  absences: Away[];
}
export interface Cell {
  day: Day;
  /** Those that begin on this day. */
  shifts: Placed[];
  away: Away | null;
}
export interface Row {
  worker: Worker;
  zone: Zone;
  held: Held;
  /** When each day begins, and when the last ends. */
  begins: number[];
  cells: Cell[];
  /** Of shifts that begin in the period, absences taken off. */
  minutes: number;
  nights: number;
}

/** Hours in which work is night work (by the Labour Code of Russia, article 96). */
const NIGHT_FROM_MINUTES = 22 * 60;
const NIGHT_TO_MINUTES = 6 * 60;
const NIGHT_HOURS_MIN = 3;
/** Longest by the server: regular and extra shifts, and stretches on call. */
export const SHIFT_MS_MAX = 25 * HOUR_MS;
export const ON_CALL_MS_MAX = 31 * 24 * HOUR_MS;
const NOTHING: Held = { shifts: [], absences: [] };

export const placed = (shift: Shift): Placed => ({ ...shift, start: Date.parse(shift.from), end: Date.parse(shift.to) });
export const away = (absence: Absence): Away => ({ ...absence, start: Date.parse(absence.from), end: Date.parse(absence.to) });
export const overlap = (one: { start: number; end: number }, other: { start: number; end: number }): boolean =>
  one.start < other.end && other.start < one.end;

export function rowOf(worker: Worker, held: Held | undefined, days: Day[], zone: Zone): Row {
  const own = held ?? NOTHING;
  const begins = [...days, days[days.length - 1]! + 1].map((day) => zone.begin(day));
  const cells: Cell[] = days.map((day, index) => ({
    day, shifts: [], away: own.absences.find((one) => one.start < begins[index + 1]! && one.end > begins[index]!) ?? null,
  }));
  let minutes = 0;
  let nights = 0;
  for (const shift of own.shifts) {
    const index = dayIndex(begins, shift.start);
    if (index < 0) continue;
    cells[index]!.shifts.push(shift);
    if (shift.kind.is === "on_call") continue;
    minutes += workedMinutes(shift, own.absences);
    if (own.absences.some((one) => overlap(one, shift))) continue;
    if (nightMinutes(shift, zone) >= NIGHT_HOURS_MIN * 60) nights += 1;
  }
  return { worker, zone, held: own, begins, cells, minutes, nights };
}

/** Which day a moment lies in; -1 before the first and after the last. */
export function dayIndex(begins: number[], ms: number): number {
  if (ms < begins[0]! || ms >= begins[begins.length - 1]!) return -1;
  let low = 0;
  let high = begins.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (begins[middle]! <= ms) low = middle;
    else high = middle;
  }
  return low;
}

function workedMinutes(shift: Placed, absences: Away[]): number {
  let off = 0;
  for (const one of absences) off += Math.max(0, Math.min(one.end, shift.end) - Math.max(one.start, shift.start));
  return Math.max(0, Math.round((shift.end - shift.start - off) / MINUTE_MS));
}

/** Minutes of a shift between 22 and 6 o'clock. */
export function nightMinutes(shift: { start: number; end: number }, zone: Zone): number {
  let sum = 0;
  const last = zone.wall(shift.end).day;
  for (let day = zone.wall(shift.start).day - 1; day <= last; day += 1) {
    const from = zone.moment(day, NIGHT_FROM_MINUTES);
    const to = zone.moment(day + 1, NIGHT_TO_MINUTES);
    sum += Math.max(0, Math.min(to, shift.end) - Math.max(from, shift.start));
  }
  return Math.round(sum / MINUTE_MS);
}

/** Where on the row's line a moment lies: 0 at its first day, 1 at the end of its last, days being equally wide. */
export function along(begins: number[], ms: number): number {
  const count = begins.length - 1;
  if (ms <= begins[0]!) return 0;
  const index = dayIndex(begins, ms);
  if (index < 0) return 1;
  return (index + (ms - begins[index]!) / (begins[index + 1]! - begins[index]!)) / count;
}

/** A shift's hours as its row's clock shows them. */
export function wallHours(shift: { start: number; end: number }, zone: Zone): { from: number; minutes: number; days: number } {
  const from = zone.wall(shift.start);
  const to = zone.wall(shift.end);
  const minutes = (to.day - from.day) * 1_440 + to.minutes - from.minutes;
  return { from: from.minutes, minutes, days: to.day - from.day };
}
