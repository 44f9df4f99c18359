// What was done to the roster and can be taken back: each step knows the change that undoes it.
import type { RosterChange } from "../api/roster";
import type { Away, Held, Placed } from "./board";
import { copyOf, nothing, putOf } from "./changes";

/** Steps that are kept. */
const STEPS_MAX = 100;

export interface Step {
  text: string;
  /** As it was before. */
  removedShifts: Placed[];
  changedShifts: Placed[];
  removedAbsences: Away[];
  changedAbsences: Away[];
  /** As it came out of it. */
  madeShifts: Placed[];
  madeAbsences: Away[];
  leftShifts: Placed[];
}

type Snapshot = Map<string, Held>;

/** Compares what was with what is, of the people whom a change touched. */
export function stepOf(text: string, change: RosterChange, before: Snapshot, now: Snapshot, series: string | null): Step {
  const was = byId([...before.values()].flatMap((held) => held.shifts));
  const is = byId([...now.values()].flatMap((held) => held.shifts));
  const wasAway = byId([...before.values()].flatMap((held) => held.absences));
  const isAway = [...now.values()].flatMap((held) => held.absences);
  const asked = new Set(change.put_absences.filter((put) => !put.id).map((put) => `${put.person} ${Date.parse(put.from)} ${Date.parse(put.to)}`));
  const find = <T>(all: Map<string, T>, ids: (string | undefined)[]) => ids.flatMap((id) => (id && all.has(id) ? [all.get(id)!] : []));
  return {
    text,
    removedShifts: find(was, change.remove_shifts.map((one) => one.id)),
    changedShifts: find(was, change.put_shifts.map((one) => one.id)),
    removedAbsences: find(wasAway, change.remove_absences.map((one) => one.id)),
    changedAbsences: find(wasAway, change.put_absences.map((one) => one.id)),
    madeShifts: [...is.values()].filter((shift) => series !== null && shift.series === series && !was.has(shift.id)),
    madeAbsences: isAway.filter((one) => !wasAway.has(one.id) && asked.has(`${one.person} ${one.start} ${one.end}`)),
    leftShifts: find(is, change.put_shifts.map((one) => one.id)),
  };
}

function byId<T extends { id: string }>(all: T[]): Map<string, T> {
  return new Map(all.map((one) => [one.id, one]));
}

const sameHours = (one: Placed, other: Placed) =>
  one.start === other.start && one.end === other.end && one.person === other.person && one.queue === other.queue &&
  one.client === other.client && JSON.stringify(one.kind) === JSON.stringify(other.kind);

/** The change that takes a step back; nothing when somebody has changed its shifts since. */
export function inverse(step: Step, held: Snapshot): RosterChange | null {
  const shifts = [...held.values()].flatMap((one) => one.shifts);
  const absences = byId([...held.values()].flatMap((one) => one.absences));
  const ids = byId(shifts);
  // A shift that was undone and done again has another id: it is known by its place.
  const current = (left: Placed) => ids.get(left.id) ?? shifts.find((one) => one.person === left.person && one.start === left.start);
  const change = nothing();
  for (const made of step.madeShifts) {
    const now = current(made);
    if (!now || !sameHours(now, made)) return null;
    change.remove_shifts.push({ id: now.id, version: now.version });
  }
  for (const left of step.leftShifts) {
    const now = current(left);
    const was = step.changedShifts.find((one) => one.id === left.id);
    if (!now || !was || !sameHours(now, left)) return null;
    change.put_shifts.push(putOf(was, { id: now.id, version: now.version }));
  }
  for (const made of step.madeAbsences) {
    const now = absences.get(made.id) ?? [...absences.values()].find((one) => one.person === made.person && one.start === made.start && one.end === made.end);
    if (!now) return null;
    change.remove_absences.push({ id: now.id, version: now.version });
  }
  for (const was of step.changedAbsences) {
    const now = absences.get(was.id);
    if (!now) return null;
    const { id, person, from, to, kind } = was;
    change.put_absences.push({ id, version: now.version, person, from, to, kind: kind ?? "other" });
  }
  for (const gone of step.removedShifts) change.put_shifts.push(copyOf(gone));
  for (const { person, from, to, kind } of step.removedAbsences) change.put_absences.push({ person, from, to, kind: kind ?? "other" });
  return change;
}

export class History {
  done: Step[] = [];
  undone: Step[] = [];

  add(step: Step) {
    this.done = [...this.done, step].slice(-STEPS_MAX);
    this.undone = [];
  }
}
