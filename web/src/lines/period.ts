// Periods that a report is asked for, in the reader's own days.
export const PERIODS = ["month", "last_month", "week"] as const;
export type PeriodKey = (typeof PERIODS)[number];
const DAYS_OF_WEEK = 7;

/** From its first moment to the first that is not in it; the present day counts whole. */
export function periodOf(key: PeriodKey, today: Date): { from: string; to: string } {
  const [year, month, day] = [today.getFullYear(), today.getMonth(), today.getDate()];
  const tomorrow = new Date(year, month, day + 1);
  const [from, to] =
    key === "month" ? [new Date(year, month, 1), tomorrow]
    : key === "last_month" ? [new Date(year, month - 1, 1), new Date(year, month, 1)]
    : [new Date(year, month, day + 1 - DAYS_OF_WEEK), tomorrow];
  return { from: from.toISOString(), to: to.toISOString() };
}
