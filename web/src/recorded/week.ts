// The week of a person's recorded time: where it begins, its days, and the sums.
export interface Counted {
  began_at: string;
  minutes: number;
  ticket: string;
}
const DAYS = 7;

/** Midnight of the Monday of the week, by the clock of this device. */
export function weekStart(at: Date): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() - ((at.getDay() + DAYS - 1) % DAYS));
}
/** By the calendar, so that a change of the clocks moves no midnight. */
export function daysOn(from: Date, days: number): Date {
  return new Date(from.getFullYear(), from.getMonth(), from.getDate() + days);
}
export function weeksOn(from: Date, weeks: number): Date {
  return daysOn(from, weeks * DAYS);
}
export function sum(entries: Pick<Counted, "minutes">[]): number {
  return entries.reduce((minutes, entry) => minutes + entry.minutes, 0);
}
/** The seven days, each with what began in it. */
export function byDay<T extends Counted>(from: Date, entries: T[]): { day: Date; entries: T[]; minutes: number }[] {
  return Array.from({ length: DAYS }, (_, index) => {
    const [day, next] = [daysOn(from, index), daysOn(from, index + 1)];
    const own = entries.filter(({ began_at }) => new Date(began_at) >= day && new Date(began_at) < next);
    return { day, entries: own, minutes: sum(own) };
  });
}
/** The tickets of the entries, the longest first. */
export function byTicket<T extends Counted>(entries: T[]): { entry: T; minutes: number }[] {
  const found = new Map<string, { entry: T; minutes: number }>();
  for (const entry of entries) {
    const sofar = found.get(entry.ticket)?.minutes ?? 0;
    found.set(entry.ticket, { entry, minutes: sofar + entry.minutes });
  }
  return [...found.values()].sort((a, b) => b.minutes - a.minutes);
}
