// Days and clocks on the wall of a zone: when a day begins there and what its clock shows, also when clocks change.

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const DAY_MINUTES = 1_440;
/** Offsets change at quarters of an hour, so one answer holds for each. */
const OFFSET_MS = 15 * MINUTE_MS;

/** Days since 1 January 1970, whatever the zone. */
export type Day = number;
export interface Wall {
  day: Day;
  /** Since midnight, as the clock shows it. */
  minutes: number;
}

export const dayOf = (text: string): Day => Math.floor(Date.parse(`${text}T00:00:00Z`) / DAY_MS);
export const dayText = (day: Day): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
/** 0 is Monday. */
export const weekdayOf = (day: Day): number => (((day + 3) % 7) + 7) % 7;
export const isWeekend = (day: Day): boolean => weekdayOf(day) > 4;
export const mondayOf = (day: Day): Day => day - weekdayOf(day);
export const dayNumber = (day: Day): number => new Date(day * DAY_MS).getUTCDate();

/** The first day of the month that lies `months` after the day's own. */
export function monthFrom(day: Day, months = 0): Day {
  const at = new Date(day * DAY_MS);
  return Math.floor(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1) / DAY_MS);
}
export const daysFrom = (first: Day, count: number): Day[] => Array.from({ length: count }, (_, index) => first + index);

export class Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric",
    });
  }

  /** How far the wall clock is before UTC at a moment. */
  offset(ms: number): number {
    const quarter = Math.floor(ms / OFFSET_MS);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(quarter * OFFSET_MS)) part[type] = Number(value);
    const shown = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second);
    const offset = shown - quarter * OFFSET_MS;
    this.#offsets.set(quarter, offset);
    return offset;
  }

  wall(ms: number): Wall {
    const local = ms + this.offset(ms);
    const day = Math.floor(local / DAY_MS);
    return { day, minutes: Math.floor((local - day * DAY_MS) / MINUTE_MS) };
  }

  /** As the server reads a wall clock: of an hour that comes twice the first, after a skipped one as far behind its start. */
  moment(day: Day, minutes: number): number {
    const local = day * DAY_MS + minutes * MINUTE_MS;
    const before = this.offset(local - DAY_MS);
    const after = this.offset(local + DAY_MS);
    if (before === after || this.offset(local - before) === before) return local - before;
    return this.offset(local - after) === after ? local - after : local - before;
  }

  begin(day: Day): number {
    return this.moment(day, 0);
  }
}

const zones = new Map<string, Zone>();

/** The zone of an IANA name; each is made once, because its formatter is costly. */
export function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (!zone) zones.set(name, (zone = new Zone(name)));
  return zone;
}

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** 485 → "08:05"; where `short`, "8:05", and "8" on the hour. */
export function clock(minutes: number, how: "short" | "full" = "full"): string {
  const hour = Math.floor(minutes / 60);
  const minute = String(minutes % 60).padStart(2, "0");
  if (how === "short") return minute === "00" ? String(hour) : `${hour}:${minute}`;
  return `${String(hour).padStart(2, "0")}:${minute}`;
}

/** "08:05" → 485; nothing where it is no time of a day. 24:00 is the end of the day. */
export function minutesOf(text: string): number | null {
  const found = /^(\d{1,2})(?::?(\d{2}))?$/.exec(text.trim());
  if (!found) return null;
  const minutes = Number(found[1]) * 60 + Number(found[2] ?? 0);
  return Number(found[2] ?? 0) < 60 && minutes <= DAY_MINUTES ? minutes : null;
}
