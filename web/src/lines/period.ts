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

/** The period that a link brought along. */
export const GIVEN = "given";

/** What a report is asked for, as its address says. */
export interface ReportQuery {
  key: string;
  from: string;
  to: string;
  client: string;
}

export function reportQuery(address: URLSearchParams, today: Date): ReportQuery {
  const client = address.get("client") ?? "";
  const [from, to] = [address.get("from"), address.get("to")];
  if (from && to) return { key: GIVEN, from, to, client };
  const key = PERIODS.find((known) => known === address.get("period")) ?? "month";
  return { key, ...periodOf(key, today), client };
}

export const percent = (part: number, whole: number) => (whole ? `${Math.round((part * 100) / whole)} %` : "");
