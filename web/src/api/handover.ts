// Handing over one's open tickets: who would get each, and what became of it.
import { ApiFailure, type Problem } from "./failure";
import type { Asked } from "./clients";
import { type Done, get, post } from "./client";
import type { Ref, TicketRow } from "./tickets";

export interface HandoverLine {
  ticket: TicketRow;
  rule: "keep" | "queue" | "next_on_shift";
  queue: string | null;
  /** Who would get it as things stand; nothing with `next_on_shift`: nobody suits. */
  taker: Ref | null;
}
interface Refused {
  is: "refused";
  error: { code: string; message: string; field: string | null; problems?: Problem[]; missing?: Asked[]; values?: Record<string, string> };
}
export type HandedOver = { ticket: string; number: string | null } & (
  | { is: "person"; person: string; name: string }
  | { is: "queue"; queue: string | null }
  | { is: "kept" }
  | Refused
);

export const readHandover = (signal: AbortSignal) => get<{ items: HandoverLine[] }>("handover", undefined, signal);
export const handOverTickets = async (tickets: { ticket: string; note: string | null }[]) =>
  (await post<Done & { handed_over: HandedOver[] }>("handover", { tickets })).handed_over;

/** The refusal of one ticket, as if it had been asked for alone. */
export function failureOf({ error }: Refused): ApiFailure {
  const { code, message, field, problems, missing, values } = error;
  return new ApiFailure(422, code, message, field, null, problems, missing, values);
}
