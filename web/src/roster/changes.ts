// What somebody wants of the roster, before it is asked for: the change itself, and what stands in its way.
import type { AbsenceKind, RosterChange, ShiftPut } from "../api/roster";
import { type Away, type Held, ON_CALL_MS_MAX, type Placed, type Row, SHIFT_MS_MAX, overlap } from "./board";
import { type Day, zoneOf } from "./days";
import { type Block, cellsOf, pasteInto, shiftsIn } from "./range";
import { type Template, type Turn, sendable, shiftOn, turnOn } from "./templates";

/** For which queue and client new shifts count. */
export type CountsFor = Pick<ShiftPut, "queue" | "client">;
export interface Conflict {
  person: string;
  start: number;
  why: "overlap" | "too_long" | "no_length";
  /** Of the other shift. */
  other: { start: number; end: number } | null;
}
export interface Plan {
  change: RosterChange;
  /** Days left out because of an absence. */
  leftOut: number;
}

export const nothing = (): RosterChange => ({ remove_shifts: [], remove_absences: [], put_shifts: [], put_absences: [] });
export const isEmpty = (change: RosterChange): boolean => countOf(change) === 0;
export const countOf = (change: RosterChange): number =>
  change.remove_shifts.length + change.remove_absences.length + change.put_shifts.length + change.put_absences.length;
const seen = ({ id, version }: { id: string; version: number }) => ({ id, version });
const span = (put: { from: string; to: string }) => ({ start: Date.parse(put.from), end: Date.parse(put.to) });

/** The shift as the server takes it, with what is different. */
export function putOf(shift: Placed, changed: Partial<ShiftPut> = {}): ShiftPut {
  const { id, version, person, from, to, kind, queue, client, note, series } = shift;
  return { id, version, person, from, to, kind: sendable(kind), queue, client, note, series, ...changed };
}
/** The same as a new one. */
export function copyOf(shift: Placed, changed: Partial<ShiftPut> = {}): ShiftPut {
  const { person, from, to, kind, queue, client, note } = shift;
  return { person, from, to, kind: sendable(kind), queue, client, note, ...changed };
}

/** Puts a template's shift, or each day's of a turn, into every cell; what it overlaps in its own cell gives way. */
export function paint(rows: Row[], block: Block, which: (row: number, day: Day) => Template | null, of: CountsFor): Plan {
  const change = nothing();
  let leftOut = 0;
  for (const at of cellsOf(block)) {
    const row = rows[at.row]!;
    const cell = row.cells[at.column]!;
    const template = which(at.row, cell.day);
    if (!template) continue;
    if (cell.away) leftOut += 1;
    else addTo(change, shiftOn(template, row.worker.id, cell.day, row.zone, queueOf(row, of)), cell.shifts);
  }
  return { change, leftOut };
}

/** A person gets the shift for a queue only when in it; else it counts for all of theirs. */
function queueOf(row: Row, of: CountsFor): CountsFor {
  const isIn = row.worker.memberships.some((own) => own.queue === of.queue && (own.client === null || of.client === null || own.client === of.client));
  return { queue: isIn ? of.queue : null, client: of.client };
}

function addTo(change: RosterChange, put: ShiftPut, beside: Placed[]) {
  const own = span(put);
  change.remove_shifts.push(...beside.filter((shift) => overlap(shift, own)).map(seen));
  change.put_shifts.push(put);
}

export function paintTurn(rows: Row[], block: Block, turn: Turn, templates: Template[], stagger: number, of: CountsFor): Plan {
  const first = rows[block.top]?.cells[block.left]?.day ?? 0;
  const which = (row: number, day: Day) => {
    const place = turnOn(turn, day - first + (row - block.top) * stagger);
    return place === null ? null : (templates[place] ?? null);
  };
  // What was there goes: a turn says of every day whether it is worked.
  const plan = paint(rows, block, which, of);
  plan.change.remove_shifts = shiftsIn(rows, block).map(seen);
  return plan;
}

/** Takes shifts away that begin in the block, and absences that touch it where it holds no shift. */
export function erase(rows: Row[], block: Block): RosterChange {
  const change = nothing();
  change.remove_shifts = shiftsIn(rows, block).map(seen);
  if (change.remove_shifts.length) return change;
  const away = new Map<string, Away>();
  for (const { row, column } of cellsOf(block)) {
    const found = rows[row]!.cells[column]!.away;
    if (found) away.set(found.id, found);
  }
  change.remove_absences = [...away.values()].map(seen);
  return change;
}

/** A piece that was copied: its shifts with where they stood, counted from its first cell. */
export interface Piece {
  rows: number;
  columns: number;
  shifts: { row: number; column: number; shift: Placed; template: Template }[];
}

export function pieceOf(rows: Row[], block: Block): Piece {
  const shifts: Piece["shifts"] = [];
  for (const at of cellsOf(block)) {
    const row = rows[at.row]!;
    for (const shift of row.cells[at.column]!.shifts) {
      shifts.push({ row: at.row - block.top, column: at.column - block.left, shift, template: templateFrom(shift, row.zone.name) });
    }
  }
  return { rows: block.bottom - block.top + 1, columns: block.right - block.left + 1, shifts };
}

function templateFrom(shift: Placed, zoneName: string): Template {
  const zone = zoneOf(zoneName);
  const from = zone.wall(shift.start);
  const to = zone.wall(shift.end);
  return { from: from.minutes, minutes: (to.day - from.day) * 1_440 + to.minutes - from.minutes, kind: sendable(shift.kind) };
}

/** The piece over the block, repeated where the block is larger; hours stay as the clock shows them. */
export function paste(rows: Row[], piece: Piece, block: Block): Plan {
  const target = pasteInto(piece, block, { rows: rows.length, columns: rows[0]?.cells.length ?? 0 });
  const change = nothing();
  let leftOut = 0;
  for (const at of cellsOf(target)) {
    const row = rows[at.row]!;
    const cell = row.cells[at.column]!;
    const place = { row: (at.row - target.top) % piece.rows, column: (at.column - target.left) % piece.columns };
    change.remove_shifts.push(...cell.shifts.map(seen));
    for (const { shift, template } of piece.shifts.filter((one) => one.row === place.row && one.column === place.column)) {
      if (cell.away) leftOut += 1;
      else change.put_shifts.push({ ...shiftOn(template, row.worker.id, cell.day, row.zone, queueOf(row, shift)), note: shift.note });
    }
  }
  return { change, leftOut };
}

/** Shifts moved by days and to another person's row; `how` says whether they stay where they were too. */
export function carry(rows: Row[], shifts: Placed[], by: { rows: number; days: number }, how: "move" | "copy"): RosterChange {
  const change = nothing();
  for (const shift of shifts) {
    const at = rows.findIndex((row) => row.worker.id === shift.person);
    const target = rows[at + by.rows];
    if (at < 0 || !target) continue;
    const template = templateFrom(shift, rows[at]!.zone.name);
    const day = rows[at]!.zone.wall(shift.start).day + by.days;
    const { from, to } = shiftOn(template, target.worker.id, day, target.zone, shift);
    const { queue } = queueOf(target, shift);
    const put = how === "move" ? putOf : copyOf;
    change.put_shifts.push(put(shift, { person: target.worker.id, from, to, queue }));
  }
  return change;
}

/** Moves the end, or the beginning, of shifts by minutes. */
export function stretch(shifts: Placed[], edge: "start" | "end", minutes: number): RosterChange {
  const change = nothing();
  for (const shift of shifts) {
    const moved = new Date(shift[edge] + minutes * 60_000).toISOString();
    change.put_shifts.push(putOf(shift, edge === "start" ? { from: moved } : { to: moved }));
  }
  return change;
}

/** An absence of every row of the block, from its first day to the end of its last. */
export function markAway(rows: Row[], block: Block, kind: AbsenceKind): RosterChange {
  const change = nothing();
  for (const row of rows.slice(block.top, block.bottom + 1)) {
    const from = new Date(row.begins[block.left]!).toISOString();
    const to = new Date(row.begins[block.right + 1]!).toISOString();
    change.put_absences.push({ person: row.worker.id, from, to, kind });
  }
  return change;
}

/** What would stand of the people whom the change touches, were it made. */
export function after(held: Map<string, Held>, change: RosterChange): Map<string, Placed[]> {
  const gone = new Set([...change.remove_shifts, ...change.put_shifts].map((one) => one.id).filter(Boolean));
  const touched = new Map<string, Placed[]>();
  for (const put of change.put_shifts) {
    const own = touched.get(put.person) ?? (held.get(put.person)?.shifts ?? []).filter((shift) => !gone.has(shift.id));
    const shown = { id: "", version: 0, series: null, changed_by: null, changed_at: null, ...put, ...span(put) };
    touched.set(put.person, [...own, shown as Placed]);
  }
  return touched;
}

/** Why the server would refuse: shifts of a person over each other, longer than they may be, without any length. */
export function conflictsOf(held: Map<string, Held>, change: RosterChange): Conflict[] {
  const found: Conflict[] = [];
  const puts = new Set(change.put_shifts.map((put) => `${put.person} ${Date.parse(put.from)}`));
  for (const [person, shifts] of after(held, change)) {
    const sorted = [...shifts].sort((one, other) => one.start - other.start);
    for (const [index, shift] of sorted.entries()) {
      const isNew = puts.has(`${person} ${shift.start}`);
      const longest = shift.kind.is === "on_call" ? ON_CALL_MS_MAX : SHIFT_MS_MAX;
      if (isNew && shift.end <= shift.start) found.push({ person, start: shift.start, why: "no_length", other: null });
      else if (isNew && shift.end - shift.start > longest) found.push({ person, start: shift.start, why: "too_long", other: null });
      const next = sorted[index + 1];
      if (!next || !overlap(shift, next)) continue;
      const [own, other] = puts.has(`${person} ${next.start}`) ? [next, shift] : [shift, next];
      found.push({ person, start: own.start, why: "overlap", other: { start: other.start, end: other.end } });
    }
  }
  return found;
}
