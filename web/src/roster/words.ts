// The roster in words: kinds, absences, what a cell holds.
import { m } from "$m";
import type { AbsenceKind, ShownKind } from "../api/roster";
import { clientBook } from "../clients/book.svelte";
import { language } from "../kit/language.svelte";
import type { Cell, Placed, Row } from "./board";
import { wallHours } from "./board";
import { DAY_MS, type Day } from "./days";
import { settings } from "./settings.svelte";
import { hours } from "./templates";

export const ABSENCE_KINDS: AbsenceKind[] = ["vacation", "sick", "training", "other"];
const ABSENCES: Record<AbsenceKind, () => string> = {
  vacation: m.roster_vacation, sick: m.roster_sick, training: m.roster_training, other: m.roster_other,
};
const LETTERS: Record<AbsenceKind, () => string> = {
  vacation: m.roster_vacation_letter, sick: m.roster_sick_letter, training: m.roster_training_letter, other: m.roster_other_letter,
};

export const absenceWord = (kind: AbsenceKind | null): string => (kind ? ABSENCES[kind]() : m.roster_absent());
export const absenceLetter = (kind: AbsenceKind | null): string => (kind ? LETTERS[kind]() : m.roster_other_letter());

export function kindWord(kind: ShownKind): string {
  if (kind.is === "extra") return kind.rate_percent === null ? m.roster_extra() : m.roster_extra_rate({ rate: kind.rate_percent });
  return kind.is === "on_call" ? m.roster_on_call() : m.roster_regular();
}
/** Before the hours: nothing for a regular shift, a ring on call, a plus for an extra one. */
export const kindMark = (kind: ShownKind): string => ({ regular: "", on_call: "○", extra: "+" })[kind.is];

export const shortHours = (shift: Placed, row: Row): string => {
  const { from, minutes } = wallHours(shift, row.zone);
  return hours({ from, minutes });
};

/** "08:00–20:00, extra shift 150 %, First line". */
export function shiftWords(shift: Placed, row: Row): string {
  const of = [shift.queue ? queueWord(shift.queue, shift.client, row) : "", shift.client ? clientBook.name(shift.client) : ""];
  return [settings.hoursOf(shift, row.zone), kindWord(shift.kind), ...of, shift.note ?? ""].filter(Boolean).join(", ");
}

function queueWord(queue: string, client: string | null, row: Row): string {
  const of = client ?? row.worker.memberships.find((own) => own.queue === queue)?.client ?? settings.client;
  const known = of || clientBook.all.find((one) => one.pack?.queues.some((own) => own.key === queue))?.client;
  return known ? clientBook.queueWord(known, queue) : queue;
}

export function cellWords(cell: Cell, row: Row, trouble: string | undefined): string {
  const words = cell.shifts.map((shift) => shiftWords(shift, row));
  if (cell.away) words.unshift(absenceWord(cell.away.kind));
  if (trouble) words.unshift(trouble);
  return words.length ? words.join("; ") : m.roster_empty_cell();
}

/** The person's queues in words, each once. */
export function queueWords(row: Row): string {
  const words = row.worker.memberships.map((own) => queueWord(own.queue, own.client, row));
  return [...new Set(words)].join(", ");
}

const format = (day: Day, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(language.current, { timeZone: "UTC", ...options }).format(day * DAY_MS);
export const weekdayWord = (day: Day, width: "narrow" | "short" | "long" = "short") => format(day, { weekday: width });
export const dayWords = (day: Day) => format(day, { weekday: "short", day: "numeric", month: "short" });
export const fullDayWords = (day: Day) => format(day, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
export const monthWords = (day: Day) => {
  const words = format(day, { month: "long", year: "numeric" });
  return words.charAt(0).toUpperCase() + words.slice(1);
};
export const periodWords = (days: Day[]) =>
  settings.view === "month" ? monthWords(days[0]!) : `${format(days[0]!, { day: "numeric", month: "short" })} – ${format(days[days.length - 1]!, { day: "numeric", month: "short", year: "numeric" })}`;

/** 9,5 or 168: hours with one digit at most. */
export const hoursNumber = (minutes: number): string =>
  new Intl.NumberFormat(language.current, { maximumFractionDigits: 1 }).format(minutes / 60);
