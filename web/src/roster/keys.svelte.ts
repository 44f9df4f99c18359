// The board by keyboard alone: arrows, ranges, and the keys that are listed under `?`.
import { m } from "$m";
import type { FixedKey, Shortcut } from "../kit/shortcuts.svelte";
import { coverage } from "./teams.svelte";
import { drag } from "./drag.svelte";
import { hand, ownShiftChosen } from "./hand.svelte";
import { panels } from "./panels.svelte";
import { planner } from "./planner.svelte";
import { settings } from "./settings.svelte";
import { TEMPLATES_MAX } from "./templates";

const PAGE_ROWS = 10;
const STEPS: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-PAGE_ROWS, 0], PageDown: [PAGE_ROWS, 0],
};

/** Keys of the grid itself; true when the key was its own. */
export function pressed(event: KeyboardEvent): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (event.key === "Escape" && drag.isOn) drag.cancel();
  else if (event.key === "Escape" && settings.chosen !== null) settings.chosen = null;
  else if (STEPS[event.key] && event.altKey) moved(event);
  else if (STEPS[event.key] || event.key === "Home" || event.key === "End") stepped(event, command);
  else if (event.key === "Enter" && !command) hand.place();
  else if (event.key === "F2") panels.show("shift");
  else if (event.key === "Delete" || event.key === "Backspace") hand.erase();
  else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) panels.openMenu();
  else if (event.code === "Space") chosen(event, command);
  else if (command && !event.altKey) return commanded(event);
  else return false;
  return true;
}

function stepped(event: KeyboardEvent, command: boolean) {
  const [rows, columns] = STEPS[event.key] ?? [0, 0];
  const last = { row: planner.rows.length - 1, column: planner.days.length - 1 };
  let { row, column } = hand.at;
  row += rows;
  column += columns;
  if (event.key === "Home" || (event.key === "ArrowLeft" && command)) column = 0;
  if (event.key === "End" || (event.key === "ArrowRight" && command)) column = last.column;
  if (command && (event.key === "Home" || event.key === "ArrowUp")) row = 0;
  if (command && (event.key === "End" || event.key === "ArrowDown")) row = last.row;
  hand.go({ row, column }, event.shiftKey ? "extend" : "alone");
}

function moved(event: KeyboardEvent) {
  const [rows, days] = STEPS[event.key] ?? [0, 0];
  if (hand.shifts.length) hand.moveBy({ rows: Math.sign(rows), days });
}

/** Shift and space take whole rows, Ctrl and space whole days. */
function chosen(event: KeyboardEvent, command: boolean) {
  const { block } = hand;
  if (command) hand.take({ row: 0, column: block.left }, { row: planner.rows.length - 1, column: block.right });
  else if (event.shiftKey) hand.take({ row: block.top, column: 0 }, { row: block.bottom, column: planner.days.length - 1 });
}

const COMMANDS: Record<string, () => void> = {
  KeyA: () => hand.all(), KeyC: hand.copy, KeyX: hand.cut, KeyV: hand.paste, KeyD: hand.copyRowDown, KeyR: hand.repeatToEnd,
  KeyY: planner.redo,
};

function commanded(event: KeyboardEvent): boolean {
  if (event.code === "KeyZ") {
    if (event.shiftKey) planner.redo();
    else planner.undo();
    return true;
  }
  const act = event.shiftKey ? undefined : COMMANDS[event.code];
  act?.();
  return !!act;
}

/** Those of the page: remappable, listed, off when somebody turned single keys off. */
export function shortcutsOfPage(): Shortcut[] {
  const digits = Array.from({ length: TEMPLATES_MAX }, (_, index): Shortcut => ({
    name: `roster-template-${index + 1}`, keys: `Digit${index + 1}`, label: () => m.roster_key_template({ number: index + 1 }), run: () => hand.choose(index),
  }));
  const edits: Shortcut[] = [
    { name: "roster-pattern", keys: "KeyP", label: m.roster_pattern_do, run: () => panels.show("pattern") },
    { name: "roster-absence", keys: "KeyA", label: m.roster_absence_do, run: () => panels.show("absence") },
    { name: "roster-edit", keys: "KeyE", label: m.roster_edit_do, run: () => panels.show("shift") },
    { name: "roster-swap", keys: "KeyS", label: m.roster_swap_do, run: hand.swap },
    { name: "roster-longer", keys: "BracketRight", label: m.roster_key_longer, run: () => hand.longer("end") },
    { name: "roster-shorter", keys: "BracketLeft", label: m.roster_key_shorter, run: () => hand.shorter("end") },
    { name: "roster-earlier", keys: "Shift+BracketLeft", label: m.roster_key_earlier, run: () => hand.longer("start") },
    { name: "roster-later", keys: "Shift+BracketRight", label: m.roster_key_later, run: () => hand.shorter("start") },
    ...digits,
  ];
  return [
    { name: "roster-today", keys: "KeyT", label: m.roster_today, run: () => hand.today() },
    { name: "roster-offer", keys: "KeyO", label: m.swap_offer_menu, run: () => panels.offer(ownShiftChosen()) },
    { name: "roster-gap", keys: "KeyG", label: m.roster_key_gap, run: () => coverage.nextGap() },
    { name: "roster-next", keys: "KeyN", label: m.roster_next, run: () => panels.turnPage(1) },
    { name: "roster-before", keys: "KeyB", label: m.roster_before, run: () => panels.turnPage(-1) },
    ...(planner.mayEdit ? edits : []),
  ];
}

/** Keys of the grid, for the list under `?`; they are not changed, because every grid has them. */
export const gridKeys = (): FixedKey[] => [
  { keys: "↑ ↓ ← →", label: m.roster_key_arrows() }, { keys: "Shift + ↑ ↓ ← →", label: m.roster_key_range() }, { keys: "Shift + Space", label: m.roster_key_row() },
  { keys: "Ctrl + Space", label: m.roster_key_column() }, { keys: "Ctrl + A", label: m.roster_key_all() }, { keys: "Enter", label: m.roster_key_place() },
  { keys: "Delete", label: m.roster_key_remove() }, { keys: "Alt + ↑ ↓ ← →", label: m.roster_key_move() },
  { keys: "Ctrl + C, X, V", label: m.roster_key_copy() }, { keys: "Ctrl + D", label: m.roster_key_down() }, { keys: "Ctrl + R", label: m.roster_key_repeat() },
  { keys: "Ctrl + Z, Y", label: m.roster_key_undo() }, { keys: "Shift + F10", label: m.roster_key_menu() }, { keys: "Esc", label: m.roster_key_escape() },
];
