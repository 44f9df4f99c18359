// How times read: relative under a day, exact otherwise, and the exact moment in any zone.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "5 min ago", "in 2 hr" under a day; "12 Mar, 14:05" beyond, with the year when it is another one. */
export function relative(iso: string, now: number, locale: string, zone?: string): string {
  const at = Date.parse(iso);
  const away = at - now;
  const far = Math.abs(away);
  if (far >= DAY_MS) return moment(iso, now, locale, zone);
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  if (far < MINUTE_MS) return words.format(0, "second");
  if (far < HOUR_MS) return words.format(Math.trunc(away / MINUTE_MS), "minute");
  return words.format(Math.trunc(away / HOUR_MS), "hour");
}

/** Day and time without the zone: "12 Mar, 14:05". */
export function moment(iso: string, now: number, locale: string, zone?: string): string {
  const at = new Date(iso);
  const sameYear = at.getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: "numeric", month: "short", year: sameYear ? undefined : "numeric",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone,
  }).format(at);
}

/** The exact moment with its zone's name: "12 March 2026, 14:05:09 GMT+4". */
export function exact(iso: string, locale: string, zone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    day: "numeric", month: "long", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    timeZone: zone, timeZoneName: "short",
  }).format(new Date(iso));
}

/** The clock on a wall in that zone now: "14:05". */
export function wallClock(now: number, locale: string, zone: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone })
    .format(now);
}

/** A length of time in two units at most: "2 hr 15 min", "3 days". */
export function duration(milliseconds: number, locale: string): string {
  const far = Math.abs(milliseconds);
  const parts: [number, "day" | "hour" | "minute"][] = [
    [Math.floor(far / DAY_MS), "day"],
    [Math.floor((far % DAY_MS) / HOUR_MS), "hour"],
    [Math.floor((far % HOUR_MS) / MINUTE_MS), "minute"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return unit(0, "minute", locale);
  return parts.slice(first, first + 2).filter(([count]) => count > 0)
    .map(([count, name]) => unit(count, name, locale)).join(" ");
}

function unit(count: number, name: string, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short" }).format(count);
}

/** What `<input type="datetime-local">` holds for a moment, in the user's zone. */
export function toLocalInput(iso: string): string {
  const at = new Date(iso);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * MINUTE_MS);
  return local.toISOString().slice(0, 16);
}

/** The moment that a `<input type="datetime-local">` means; nothing while it is empty. */
export function momentOf(value: string): string | null {
  return value ? new Date(value).toISOString() : null;
}
