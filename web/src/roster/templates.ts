// Templates of shifts: what a number key chooses and a cell is painted with; a person's own are remembered.
import type { ShiftKind, ShiftPut, ShownKind } from "../api/roster";
import { DAY_MINUTES, type Day, type Zone, clock } from "./days";

export interface Template {
  /** Minutes since midnight. */
  from: number;
  /** How long, on the wall clock. */
  minutes: number;
  kind: ShiftKind;
}

const STORED_AS = "naryad.roster.templates";
/** As many as there are number keys. */
export const TEMPLATES_MAX = 9;
export const USUAL: Template[] = [
  { from: 480, minutes: 720, kind: { is: "regular" } },
  { from: 1_200, minutes: 720, kind: { is: "regular" } },
  { from: 540, minutes: 540, kind: { is: "regular" } },
  { from: 1_200, minutes: 720, kind: { is: "on_call" } },
  { from: 480, minutes: 720, kind: { is: "extra", rate_percent: 150 } },
];

export function remembered(): Template[] {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED_AS) ?? "null") as Template[] | null;
    if (Array.isArray(stored) && stored.every(isTemplate)) return stored.slice(0, TEMPLATES_MAX);
  } catch {
    localStorage.removeItem(STORED_AS);
  }
  return USUAL;
}

export function remember(templates: Template[]) {
  localStorage.setItem(STORED_AS, JSON.stringify(templates));
}

function isTemplate(one: Partial<Template>): boolean {
  return Number.isFinite(one.from) && Number.isFinite(one.minutes) && typeof one.kind?.is === "string";
}

/** "8–20", "8:30–17": hours as people say them; "08:00–20:00" where `full`. */
export function hours(template: Pick<Template, "from" | "minutes">, how: "short" | "full" = "short"): string {
  const to = (template.from + template.minutes) % DAY_MINUTES;
  return `${clock(template.from, how)}–${to === 0 ? clock(DAY_MINUTES, how) : clock(to, how)}`;
}

/** From and to as typed: an end that is not after the beginning lies on the next day. */
export function templateOf(from: number, to: number, kind: ShiftKind): Template {
  return { from: from % DAY_MINUTES, minutes: to > from ? to - from : to - from + DAY_MINUTES, kind };
}

/** The shift that a template makes of a person's day. */
export function shiftOn(template: Template, person: string, day: Day, zone: Zone, of: Pick<ShiftPut, "queue" | "client">): ShiftPut {
  const end = template.from + template.minutes;
  return {
    person,
    from: new Date(zone.moment(day, template.from)).toISOString(),
    to: new Date(zone.moment(day + Math.floor(end / DAY_MINUTES), end % DAY_MINUTES)).toISOString(),
    kind: template.kind, queue: of.queue, client: of.client, note: null,
  };
}

/** What an extra shift is usually paid, in percent. */
export const RATE_USUAL = 150;

/** As it can be sent. A rate that is not shown is of a shift that is not ours to change: a copy gets the usual one. */
export const sendable = (kind: ShownKind): ShiftKind =>
  kind.is === "extra" ? { is: "extra", rate_percent: kind.rate_percent ?? RATE_USUAL } : kind;

export const sameKind = (one: ShiftKind, other: ShiftKind): boolean => JSON.stringify(one) === JSON.stringify(other);

/** "2/2 day", "day, night, off, off": which template each day of the turn has, from 0; null is a day off. */
export type Turn = (number | null)[];

/** "1 1 - -", "1,2,0,0": numbers of templates, and a dash or 0 for a day off. */
export function turnOf(text: string, count: number): Turn | null {
  const parts = text.trim().split(/[\s,;]+/).filter(Boolean);
  const turn = parts.map((part) => (/^(-|–|0)$/.test(part) ? null : Number(part) - 1));
  const isKnown = (one: number | null) => one === null || (Number.isInteger(one) && one >= 0 && one < count);
  return turn.length > 0 && turn.every(isKnown) && turn.some((one) => one !== null) ? turn : null;
}

/** Which template a day has, so many days after the turn's beginning. */
export function turnOn(turn: Turn, days: number): number | null {
  return turn[((days % turn.length) + turn.length) % turn.length] ?? null;
}
