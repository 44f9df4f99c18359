// Words of calendars and targets: days, why a day differs, what is wrong.
import { m } from "$m";
import type { DayLine, Fault } from "../api/time";
import { criteriaWord } from "../ledger/words";
import { faultWord as settingsFaultWord } from "../workflow/faultWords";
import { labelWord } from "../clients/book.svelte";
import { language } from "../kit/language.svelte";

/** "Mon" of any Monday; 2024 began with one. */
export const weekdayWord = (index: number, width: "short" | "long" = "short") =>
  new Intl.DateTimeFormat(language.current, { weekday: width, timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + index)));

export const dateWord = (date: string) =>
  new Intl.DateTimeFormat(language.current, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${date}T00:00Z`));

/** Why the day is not like the week; nothing where it is. */
export function whyWord({ why }: DayLine): string {
  if (why.kind === "exception") return labelWord(why.label as Record<string, string>, "") || m.hours_why_exception();
  if (why.kind === "holiday") return why.names.join(", ");
  if (why.kind === "official_closed") return m.hours_why_official_closed();
  if (why.kind === "official_shorter") return m.hours_why_official_shorter();
  return why.kind === "official_working" ? m.hours_why_official_working() : "";
}

/** Days on which no minute counts or the hours differ from the week: "Sat 30 Jan (closed), Thu 28 Jan (Army Day)". */
export const skippedWord = (days: DayLine[]) =>
  days
    .filter((day) => day.minutes === 0 || day.why.kind !== "week")
    .map((day) => `${dateWord(day.date)} (${whyWord(day) || m.hours_closed()})`)
    .join(", ");

/** What is wrong with calendars and targets of a client. */
export const faultWord = (fault: Fault, client: string) => settingsFaultWord(fault, (scope) => criteriaWord(scope, client));
