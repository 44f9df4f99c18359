// Words of calendars and targets: days, why a day differs, what is wrong.
import { m } from "$m";
import type { DayLine, Fault } from "../api/time";
import { criteriaWord } from "../ledger/words";
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

type Words = (values: string[]) => string;
const FAULTS: Record<string, Words> = {
  no_such_zone: ([zone = ""]) => m.fault_no_such_zone({ zone }),
  default_of_site: () => m.fault_default_of_site(),
  not_a_time: ([given = ""]) => m.fault_not_a_time({ given }),
  not_a_date: ([given = ""]) => m.fault_not_a_date({ given }),
  end_before_start: ([from = "", to = ""]) => m.fault_end_before_start({ from, to }),
  last_before_first: ([from = "", to = ""]) => m.fault_last_before_first({ from, to }),
  hours_overlap: ([, one = "", other = ""]) => m.fault_hours_overlap({ one, other }),
  hours_overlap_on_date: ([date = ""]) => m.fault_hours_overlap_on_date({ date }),
  exception_twice: ([date = ""]) => m.fault_exception_twice({ date }),
  exception_too_long: ([days = ""]) => m.fault_exception_too_long({ days }),
  no_day: () => m.fault_no_day(),
  no_open_hour: () => m.fault_no_open_hour(),
  not_a_holiday_key: ([given = ""]) => m.fault_not_a_holiday_key({ given }),
  no_such_holidays: ([given = ""]) => m.fault_no_such_holidays({ given }),
  holidays_twice: ([given = ""]) => m.fault_holidays_twice({ given }),
  calendar_twice: ([given = ""]) => m.fault_twice({ given }),
  no_such_calendar: ([given = ""]) => m.fault_no_such_calendar({ given }),
  stage_twice: ([given = ""]) => m.fault_twice({ given }),
  statuses_or_phase: () => m.fault_statuses_or_phase(),
  phase_too_late: () => m.fault_too_late(),
  status_too_late: () => m.fault_too_late(),
  no_target: () => m.fault_no_target(),
  no_such_stage: ([given = ""]) => m.fault_no_such_stage({ given }),
  not_a_country: () => m.fault_not_a_country(),
  site_and_country: () => m.fault_site_and_country(),
  minutes_out_of_range: ([min = "", max = ""]) => m.fault_minutes({ min, max }),
  response_after_resolution: ([first = "", resolution = ""]) => m.fault_response_after_resolution({ first, resolution }),
  levels_must_rise: ([count = "", percent = ""]) => m.fault_levels({ count, percent }),
};

/** What is wrong, in the reader's language; the server's own sentence where it has no code that we know. */
export function faultWord(fault: Fault, client: string): string {
  const [one = "", other = "", scope = ""] = fault.values;
  if (fault.code === "same_scope") return m.fault_same_scope({ one, other, scope: criteriaWord(scope, client) });
  if (fault.code === "no_closer_row") return m.fault_no_closer_row({ one, other, scope: criteriaWord(scope, client) });
  return FAULTS[fault.code]?.(fault.values) ?? fault.message;
}
