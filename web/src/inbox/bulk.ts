// One change made to many tickets, one after the other: what went through, and why the rest did not.
import { wordsFor } from "../api/failure";
import { type TicketRow, assign, changeTags, changeTicket, handOver, unassign } from "../api/tickets";
import { type Vocabulary } from "../api/clients";

export type BulkKind = "assign" | "queue" | "status" | "tags";
export interface BulkChange {
  kind: BulkKind;
  /** A person, a queue, a status; for tags, what is added. Nobody is an empty word. */
  value: string;
  take?: string;
  reason?: string;
  /** What the next line needs, made in the same step. */
  changes?: Record<string, unknown>;
}
export interface Refused {
  id: string;
  number: string;
  why: string;
}

function apply({ kind, value, take = "", reason = "", changes }: BulkChange, row: TicketRow): Promise<unknown> {
  switch (kind) {
    case "assign": return value ? assign(row.id, row.version, value, changes) : unassign(row.id, row.version);
    case "queue": return handOver(row.id, row.version, value, reason, changes);
    case "status": return changeTicket(row.id, row.version, { status: value });
    case "tags": return changeTags(row.id, value ? [value] : [], take ? [take] : []);
  }
}

/** Answers the tickets that refused; `did` hears of each one that is over. */
export async function changeAll(rows: TicketRow[], change: BulkChange, did: (count: number) => void): Promise<Refused[]> {
  const refused: Refused[] = [];
  for (const [index, row] of rows.entries()) {
    try {
      await apply(change, row);
    } catch (error) {
      refused.push({ id: row.id, number: row.number, why: wordsFor(error) });
    }
    did(index + 1);
  }
  return refused;
}

interface Choice {
  value: string;
  label: string;
}
/** Choices that every client of the picked tickets knows: the others could not take the change. */
export function sharedBy(clients: string[], of: (client: string) => Choice[]): Choice[] {
  const [first, ...others] = [...new Set(clients)].map(of);
  return (first ?? []).filter((choice) => others.every((list) => list.some((one) => one.value === choice.value)));
}

/** Statuses that a person may set by hand: the others come of resolving and closing. */
export const openStatuses = (vocabulary: Vocabulary | undefined) =>
  (vocabulary?.pack?.statuses ?? []).filter((one) => one.phase === "new" || one.phase === "open");
