// The weekly hours as a grid of half hours: from stretches to cells that are painted, and back.
import type { Day, WeeklyHours } from "../api/time";

export const DAYS: readonly Day[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** Cells of a day: half hours. */
export const CELLS = 48;
const CELL_MINUTES = 30;

export const minutesOf = (clock: string) => {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
};
export const clockOf = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** Whether any of the half hour is open. */
export function isOpen(hours: WeeklyHours[], day: Day, cell: number): boolean {
  const [from, to] = [cell * CELL_MINUTES, (cell + 1) * CELL_MINUTES];
  return hours.some((one) => one.days.includes(day) && minutesOf(one.from) < to && from < minutesOf(one.to));
}

/** The stretches of one day, in order. */
function stretchesOf(hours: WeeklyHours[], day: Day): [number, number][] {
  const own = hours.filter((one) => one.days.includes(day)).map((one): [number, number] => [minutesOf(one.from), minutesOf(one.to)]);
  return own.sort(([one], [other]) => one - other);
}

/** Opens or closes half hours of a day, both ends among them; minutes beside them stay as they are. */
export function paint(hours: WeeklyHours[], day: Day, one: number, other: number, open: boolean): WeeklyHours[] {
  const from = Math.min(one, other) * CELL_MINUTES;
  const to = (Math.max(one, other) + 1) * CELL_MINUTES;
  const left = stretchesOf(hours, day).flatMap(([start, end]): [number, number][] =>
    end <= from || to <= start ? [[start, end]] : [[start, Math.min(end, from)], [Math.max(start, to), end]],
  );
  if (open) left.push([from, to]);
  const whole: [number, number][] = [];
  for (const [start, end] of left.filter(([start, end]) => start < end).sort(([a], [b]) => a - b)) {
    const last = whole.at(-1);
    if (last && last[1] >= start) last[1] = Math.max(last[1], end);
    else whole.push([start, end]);
  }
  return together(DAYS.flatMap((name) => (name === day ? whole : stretchesOf(hours, name)).map((stretch) => ({ name, stretch }))));
}

/** Days with the same stretch share one entry. */
function together(all: { name: Day; stretch: [number, number] }[]): WeeklyHours[] {
  const byStretch = new Map<string, WeeklyHours>();
  for (const { name, stretch: [from, to] } of all) {
    const key = `${from}-${to}`;
    const entry = byStretch.get(key) ?? { days: [], from: clockOf(from), to: clockOf(to) };
    entry.days.push(name);
    byStretch.set(key, entry);
  }
  return [...byStretch.values()];
}
