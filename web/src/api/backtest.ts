// Back-tests of a client's draft: started, watched, cancelled, looked through.
import { type Page, apiUrl, get, post } from "./client";
import type { BacktestPage, BacktestTicket, BacktestTimelines, DifferenceKind, Survey } from "./backtestTypes";

export type * from "./backtestTypes";

const at = (client: string, rest = "") => `clients/${client}/workflow/backtest${rest}`;

/** The client's last back-test; `null`: there was none, or it is forgotten. */
export const readBacktest = async (client: string, signal?: AbortSignal) =>
  (await get<{ last: BacktestPage | null }>(at(client), {}, signal)).last;
export const startBacktest = (client: string, from: string, to: string) => post<BacktestPage>(at(client), { from, to });
export const cancelBacktest = (client: string) => post<BacktestPage>(at(client, "/cancel"), {});
export const surveyWindow = (client: string, from: string | null, to: string | null, signal?: AbortSignal) =>
  get<Survey>(at(client, "/window"), { from, to }, signal);
export const listDifferences = (client: string, kind: DifferenceKind | "", cursor: string | null) =>
  get<Page<BacktestTicket>>(at(client, "/tickets"), { kind, cursor, limit: 200 });
export const readSides = (client: string, ticket: string) => get<BacktestTimelines>(at(client, `/tickets/${ticket}`));
export const reportAddress = (client: string) => apiUrl(at(client, "/report")).href;
