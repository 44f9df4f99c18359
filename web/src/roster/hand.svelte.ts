// The hand on the board: which cells are chosen, what was copied, and each thing that can be done with them.
import { m } from "$m";
import type { AbsenceKind, RosterChange } from "../api/roster";
import { now } from "../kit/now.svelte";
import { session } from "../shell/session.svelte";
import type { Placed } from "./board";
import { type Piece, type Plan, carry, erase, markAway, nothing, paint, paintTurn, paste, pieceOf, putOf, stretch } from "./changes";
import { show } from "./period";
import { planner } from "./planner.svelte";
import { type At, type Block, blockOf, holds, shiftsIn, sizeOf } from "./range";
import { settings } from "./settings.svelte";
import { type Template, type Turn, hours } from "./templates";
import { absenceWord } from "./words";

const STRETCH_MINUTES = 60;

class Hand {
  anchor = $state.raw<At>({ row: 0, column: 0 });
  focus = $state.raw<At>({ row: 0, column: 0 });
  piece = $state.raw<Piece | null>(null);
  /** The shift that waits for another to change places with. */
  swapping = $state.raw<Placed | null>(null);
  #cut: Block | null = null;

  /** What is chosen, inside the board as it is now. */
  readonly block: Block = $derived(blockOf(this.#inside(this.anchor), this.#inside(this.focus)));
  readonly at: At = $derived(this.#inside(this.focus));
  readonly row = $derived(planner.rows[this.at.row]);
  readonly cell = $derived(this.row?.cells[this.at.column]);
  readonly shifts: Placed[] = $derived(planner.rows.length ? shiftsIn(planner.rows, this.block) : []);

  #inside(at: At): At {
    const last = { row: Math.max(0, planner.rows.length - 1), column: planner.days.length - 1 };
    return { row: Math.min(Math.max(0, at.row), last.row), column: Math.min(Math.max(0, at.column), last.column) };
  }

  go(at: At, how: "alone" | "extend" = "alone") {
    this.focus = this.#inside(at);
    if (how === "alone") this.anchor = this.focus;
  }
  take(anchor: At, focus: At) {
    this.anchor = this.#inside(anchor);
    this.focus = this.#inside(focus);
  }
  all() {
    this.take({ row: 0, column: 0 }, { row: planner.rows.length - 1, column: planner.days.length - 1 });
  }

  choose(index: number) {
    const template = settings.templates[index];
    if (!template) return;
    settings.chosen = index;
    planner.said = m.roster_template_chosen({ number: index + 1, hours: hours(template, "full") });
  }

  /** The chosen template, else the first, into every chosen cell. */
  place = () => this.placeTemplate(settings.templates[settings.chosen ?? 0]);
  placeTemplate(template: Template | undefined, block = this.block) {
    if (!template) return;
    let replaced = 0;
    const text = (count: number) => [m.roster_placed({ count }), replaced && m.roster_replaced({ count: replaced })].filter(Boolean).join(" ");
    void this.#do(text, () => {
      const plan = paint(planner.rows, block, () => template, planner.countsFor());
      replaced = plan.change.remove_shifts.length;
      return plan;
    });
  }
  turn(turn: Turn, stagger: number) {
    const block = this.block;
    const templates = settings.templates;
    this.#do((count) => m.roster_placed({ count }), () => paintTurn(planner.rows, block, turn, templates, stagger, planner.countsFor()));
  }

  erase = () => {
    const block = this.block;
    this.#do((count) => m.roster_removed({ count }), () => erase(planner.rows, block));
  };
  absence(kind: AbsenceKind) {
    const block = this.block;
    this.#do(() => m.roster_away_marked({ kind: absenceWord(kind) }), () => markAway(planner.rows, block, kind));
  }

  copy = () => this.#pick(null);
  cut = () => this.#pick(this.block);
  #pick(cut: Block | null) {
    this.piece = pieceOf(planner.rows, this.block);
    this.#cut = cut;
    planner.said = m.roster_copied({ count: this.piece.shifts.length, cells: sizeOf(this.block) });
  }

  paste = () => {
    const { piece, block } = this;
    const cut = this.#cut;
    this.#cut = null;
    if (!piece) return void (planner.said = m.roster_nothing_copied());
    this.#do((count) => m.roster_placed({ count }), () => {
      const plan = paste(planner.rows, piece, block);
      if (cut) removeToo(plan.change, piece.shifts.map((one) => one.shift));
      return plan;
    });
  };

  /** Moves or copies shifts by rows and days: what a drag does, and its twin in the menu. */
  carry(shifts: Placed[], by: { rows: number; days: number }, how: "move" | "copy") {
    const text = how === "move" ? m.roster_moved : m.roster_placed;
    this.#do((count) => text({ count }), () => carry(planner.rows, shifts, by, how));
  }
  moveBy(by: { rows: number; days: number }) {
    const block = this.block;
    this.carry(this.shifts, by, "move");
    this.take({ row: block.top + by.rows, column: block.left + by.days }, { row: block.bottom + by.rows, column: block.right + by.days });
  }

  stretch(edge: "start" | "end", minutes: number, shifts = this.shifts) {
    this.#do((count) => m.roster_stretched({ count }), () => stretch(shifts, edge, minutes));
  }
  longer = (edge: "start" | "end") => this.stretch(edge, edge === "end" ? STRETCH_MINUTES : -STRETCH_MINUTES);
  shorter = (edge: "start" | "end") => this.stretch(edge, edge === "end" ? -STRETCH_MINUTES : STRETCH_MINUTES);

  /** Two chosen shifts change places; or this one with the one that was marked before. */
  swap = () => {
    const found = this.shifts;
    const other = this.swapping;
    const [one, two] = found.length === 2 ? found : other && found.length === 1 ? [other, found[0]!] : [];
    if (!one || !two) {
      if (found.length !== 1) return void (planner.said = m.roster_swap_needs());
      this.swapping = found[0]!;
      planner.said = m.roster_swap_other();
      return;
    }
    this.swapping = null;
    if (one.person === two.person) return void (planner.said = m.roster_swap_same());
    this.#do(() => m.roster_swapped(), () => ({ ...nothing(), put_shifts: [putOf(one, { person: two.person }), putOf(two, { person: one.person })] }));
  };

  /** The chosen person's whole period to every other chosen row: hours, days and kinds as they are. */
  copyRowDown = () => {
    const { block } = this;
    const last = planner.days.length - 1;
    this.#do((count) => m.roster_placed({ count }), () => {
      const piece = pieceOf(planner.rows, { top: block.top, bottom: block.top, left: 0, right: last });
      return paste(planner.rows, piece, { top: block.top + 1, bottom: block.bottom, left: 0, right: last });
    });
  };
  /** The first chosen week, or as many days as are chosen, again and again to the end of the period. */
  repeatToEnd = () => {
    const { block } = this;
    this.#do((count) => m.roster_placed({ count }), () => {
      const last = planner.days.length - 1;
      if (block.right >= last) return null;
      return paste(planner.rows, pieceOf(planner.rows, block), { ...block, left: block.right + 1, right: last });
    });
  };

  /** To the day on which somebody's template or edited shift stands. */
  put(change: RosterChange, text: (count: number) => string): Promise<boolean> {
    return this.#do(text, () => change);
  }
  today() {
    const day = planner.zone.wall(now.ms).day;
    show(day);
    this.go({ row: this.at.row, column: Math.max(0, planner.days.indexOf(day)) });
  }
  isChosen = (at: At) => holds(this.block, at);

  /** Answers whether it was done. */
  async #do(text: (count: number) => string, build: () => Plan | RosterChange | null): Promise<boolean> {
    if (planner.mayEdit) return planner.act(text, build);
    planner.said = m.roster_read_only();
    return false;
  }
}

function removeToo(change: RosterChange, shifts: Placed[]) {
  const gone = new Set(change.remove_shifts.map((one) => one.id));
  change.remove_shifts.push(...shifts.filter((shift) => !gone.has(shift.id)).map(({ id, version }) => ({ id, version })));
}

export const hand = new Hand();

/** The reader's own shift in the cell with the focus, to begin an offer with. */
export const ownShiftChosen = (): string =>
  (hand.row?.worker.id === session.id && hand.cell?.shifts.find((one) => one.start > now.ms)?.id) || "";
