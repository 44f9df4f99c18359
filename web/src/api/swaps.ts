// Swaps of shifts that two people agree on: what is offered, and what the reader can say to it.
import { type Done, get, post } from "./client";
import type { ShownKind } from "./roster";
import type { Ref } from "./tickets";

export type SwapAnswer = "accept" | "decline" | "withdraw" | "approve" | "refuse";
export type SwapState = "offered" | "accepted" | "made" | "declined" | "withdrawn" | "refused" | "lapsed";
export interface OfferedShift {
  id: string;
  from: string;
  to: string;
  kind: ShownKind;
  queue: string | null;
  client: string | null;
}
export interface Swap {
  id: string;
  state: SwapState;
  person: Ref;
  to: Ref;
  shift: OfferedShift;
  /** Nothing: the shift is given away. */
  in_return: OfferedShift | null;
  note: string | null;
  offered_at: string;
  decided_by: Ref | null;
  ended_at: string | null;
  version: number;
  answers: SwapAnswer[];
}
interface Seen {
  id: string;
  version: number;
}

export const readSwaps = (signal?: AbortSignal) => get<{ items: Swap[] }>("swaps", undefined, signal);
export const offerSwap = (offer: { shift: Seen; to: string; in_return: Seen | null; note: string | null }) => post<Done>("swaps", offer);
export const answerSwap = (swap: Swap, answer: SwapAnswer) =>
  post<Done>(`swaps/${swap.id}/answer`, { version: swap.version, answer });
