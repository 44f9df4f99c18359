// What is dragged over the board: cells that are chosen or painted, shifts that are carried, an edge that is stretched.
import { m } from "$m";
import type { RosterChange } from "../api/roster";
import type { Placed } from "./board";
import { dayIndex } from "./board";
import { carry, conflictsOf, paint, stretch } from "./changes";
import { hand } from "./hand.svelte";
import { planner } from "./planner.svelte";
import { type At, type Block, blockOf } from "./range";
import { settings } from "./settings.svelte";
import { hours } from "./templates";
import { dayWords } from "./words";

/** A pointer that moved less means a click. */
const MOVED_PX_MIN = 4;
/** In a month a day is too narrow to stretch by its scale. */
const MONTH_HOUR_PX = 6;
const WEEK_STEP_MINUTES = 30;

export interface Ghost {
  block: Block | null;
  cells: { row: number; column: number; text: string; isBad: boolean }[];
  label: string;
  isBad: boolean;
}
interface Held {
  what: "choose" | "paint" | "carry" | "start" | "end";
  shifts: Placed[];
  at: At;
  x: number;
  y: number;
  isMoving: boolean;
}

class Drag {
  ghost = $state.raw<Ghost | null>(null);
  pointer = $state.raw({ x: 0, y: 0 });
  #held: Held | null = null;

  get isOn() {
    return this.#held !== null;
  }

  /** The pointer went down on a cell, or on a shift of it, maybe on its edge. */
  begin(at: At, shift: Placed | undefined, edge: "start" | "end" | null, event: PointerEvent) {
    const isOfChoice = !!shift && hand.shifts.some((one) => one.id === shift.id);
    const shifts = shift ? (isOfChoice && !edge ? hand.shifts : [shift]) : [];
    const empty = settings.chosen !== null && planner.mayEdit ? "paint" : "choose";
    const what = !shift ? empty : !planner.mayEdit ? "choose" : (edge ?? "carry");
    if (event.shiftKey) return hand.go(at, "extend");
    this.#held = { what, shifts, at, x: event.clientX, y: event.clientY, isMoving: false };
    planner.isDragging = true;
    if (!isOfChoice) hand.go(at);
  }

  move(at: At, event: PointerEvent, columnPx: number) {
    const held = this.#held;
    if (!held) return;
    this.pointer = { x: event.clientX, y: event.clientY };
    if (!held.isMoving && Math.hypot(event.clientX - held.x, event.clientY - held.y) < MOVED_PX_MIN) return;
    held.isMoving = true;
    if (held.what === "choose") return hand.go(at, "extend");
    if (held.what === "paint") {
      hand.take(held.at, at);
      return this.#show(this.#painted(blockOf(held.at, at)), blockOf(held.at, at));
    }
    if (held.what === "carry") return this.#show(carry(planner.rows, held.shifts, by(held.at, at), event.ctrlKey || event.metaKey ? "copy" : "move"), null);
    return this.#show(stretch(held.shifts, held.what, minutesOf(event.clientX - held.x, columnPx)), null);
  }

  drop(at: At, event: PointerEvent, columnPx: number) {
    const held = this.#held;
    this.cancel();
    if (!held) return;
    const isClick = !held.isMoving;
    if (held.what === "paint") return hand.placeTemplate(settings.templates[settings.chosen ?? 0], blockOf(held.at, at));
    if (isClick) return hand.go(held.at);
    if (held.what === "carry") {
      const { rows, days } = by(held.at, at);
      if (rows || days) hand.carry(held.shifts, { rows, days }, event.ctrlKey || event.metaKey ? "copy" : "move");
      return hand.go(at);
    }
    if (held.what === "choose") return;
    const minutes = minutesOf(event.clientX - held.x, columnPx);
    if (minutes) hand.stretch(held.what, minutes, held.shifts);
  }

  cancel = () => {
    this.#held = null;
    this.ghost = null;
    planner.isDragging = false;
    planner.catchUp();
  };

  #painted(block: Block): RosterChange {
    const template = settings.templates[settings.chosen ?? 0] ?? null;
    return paint(planner.rows, block, () => template, planner.countsFor()).change;
  }

  /** Where everything would land, and what stands in its way, before it is dropped. */
  #show(change: RosterChange, block: Block | null) {
    const bad = new Map(conflictsOf(planner.held, change).map((one) => [`${one.person} ${one.start}`, one]));
    const places = new Map(planner.rows.map((row, index) => [row.worker.id, index]));
    const cells = change.put_shifts.flatMap((put) => {
      const index = places.get(put.person);
      const row = index === undefined ? undefined : planner.rows[index];
      const start = Date.parse(put.from);
      const column = row ? dayIndex(row.begins, start) : -1;
      if (!row || index === undefined || column < 0) return [];
      const from = row.zone.wall(start).minutes;
      const text = hours({ from, minutes: (Date.parse(put.to) - start) / 60_000 });
      return [{ row: index, column, text, isBad: bad.has(`${put.person} ${start}`) || !!row.cells[column]?.away }];
    });
    const isBad = bad.size > 0;
    this.ghost = { block, cells, isBad, label: isBad ? m.roster_would_overlap({ count: bad.size }) : labelOf(cells) };
  }
}

function labelOf(cells: Ghost["cells"]): string {
  const first = cells[0];
  if (!first) return "";
  if (cells.length > 1) return m.roster_shift_count({ count: cells.length });
  const row = planner.rows[first.row]!;
  return `${row.worker.name}, ${dayWords(row.cells[first.column]!.day)}, ${first.text}`;
}

const by = (from: At, to: At) => ({ rows: to.row - from.row, days: to.column - from.column });

function minutesOf(px: number, columnPx: number): number {
  if (settings.view === "month") return Math.round(px / MONTH_HOUR_PX) * 60;
  return Math.round(px / (columnPx / 24 / (60 / WEEK_STEP_MINUTES))) * WEEK_STEP_MINUTES;
}

export const drag = new Drag();
