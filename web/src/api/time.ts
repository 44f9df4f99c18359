// Calendars, targets and stages of a client's draft: read, changed, and tried out before they are published.
import { type Done, get, post } from "./client";
import type * as sent from "./schema";

export type Day = sent.Day;
export type WeeklyHours = sent.WeeklyHours;
export type Calendar = sent.CalendarSettings;
export type NamedCalendar = sent.NamedCalendar;
/** What a row leaves out, it takes any of. */
export type Target = Partial<sent.Target>;
export type Stage = sent.TicketStage;
export type Settings = Required<Omit<sent.TimeSettings, "sla">> & { sla: Target[] };
export type Fault = sent.TimeFault;
export type Preview = sent.Preview;
export type DayLine = sent.DayLine;
export type TimePage = Omit<sent.TimePage, "time" | "published"> & { time: Settings | null; published: Settings | null };
export type AskPreview = Partial<Omit<sent.AskPreview, "settings">> & { settings: { time: Settings } };
export type HolidayList = sent.HolidayListLine;

const at = (client: string, rest = "") => `clients/${client}/workflow/time${rest}`;

export const readTime = (client: string) => get<TimePage>(at(client));
export const changeTime = (client: string, base: string | null, time: Settings) => post<Done>(at(client), { base, time });
export const foretell = (client: string, ask: AskPreview, signal?: AbortSignal) =>
  post<{ faults: Fault[]; preview: Preview | null }>(at(client, "/preview"), ask, { signal });
export const readMonth = (client: string, time: Settings, calendar: string | null, year: number, month: number, signal?: AbortSignal) =>
  post<{ faults: Fault[]; days: DayLine[] }>(at(client, "/month"), { settings: { time }, calendar, year, month }, { signal });
export const readHolidays = (client: string) => get<{ items: HolidayList[] }>(`clients/${client}/holidays`);
export const putHolidays = (client: string, key: string, source: string) => post<Done>(`clients/${client}/holidays`, { key, source });
