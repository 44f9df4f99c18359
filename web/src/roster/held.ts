// What a read of the roster holds, by person; what has not changed stays the same object, so that nothing is drawn again.
import type { Absence, Shift } from "../api/roster";
import { type Held, away, placed } from "./board";

export function gather(page: { shifts: Shift[]; absences: Absence[] }): Map<string, Held> {
  const held = new Map<string, Held>();
  const of = (person: string) => {
    const known = held.get(person) ?? { shifts: [], absences: [] };
    held.set(person, known);
    return known;
  };
  for (const shift of page.shifts) of(shift.person).shifts.push(placed(shift));
  for (const absence of page.absences) of(absence.person).absences.push(away(absence));
  return held;
}

/** The fresh map with what is as it was taken from the one before. */
export function keepSame(before: Map<string, Held>, fresh: Map<string, Held>): Map<string, Held> {
  return new Map([...fresh].map(([person, held]) => {
    const known = before.get(person);
    return [person, known && isSame(known, held) ? known : held];
  }));
}

function isSame(one: Held, other: Held): boolean {
  const same = (some: { id: string; version: number }[], others: { id: string; version: number }[]) =>
    some.length === others.length && some.every((item, index) => item.id === others[index]!.id && item.version === others[index]!.version);
  return same(one.shifts, other.shifts) && same(one.absences, other.absences);
}
