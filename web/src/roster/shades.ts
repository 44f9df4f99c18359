// Which days are shaded, and why.
import { m } from "$m";
import type { ClosedDay } from "../api/roster";
import { clientBook } from "../clients/book.svelte";
import { type Day, dayText, isWeekend } from "./days";

/** Per day: nothing, or the words for a weekend, or whose calendar is closed. */
export function closedWords(days: Day[], closed: ClosedDay[], client: string): (string | null)[] {
  const byDay = new Map<string, string[]>();
  for (const one of closed) {
    if (client && one.client !== client) continue;
    byDay.set(one.day, [...(byDay.get(one.day) ?? []), clientBook.name(one.client)]);
  }
  return days.map((day) => {
    const clients = byDay.get(dayText(day));
    if (isWeekend(day)) return m.roster_weekend();
    return clients ? m.roster_holiday({ clients: clients.join(", ") }) : null;
  });
}
