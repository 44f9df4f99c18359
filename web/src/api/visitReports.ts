// Reports of visits: what must be handed in, what was, and the steps of engineers and controllers.
import { type Done, post } from "./client";
import type { Attachment, Ref } from "./tickets";

export type ReportState = "not_asked" | "awaited" | "handed_in" | "accepted" | "returned" | "waived";
export type PaperKind = "photo" | "document" | "signature";
export type Verdict = "accepted" | "returned" | "waived";

export interface ReportWanted {
  photos: number;
  /** Keys of the client's kinds of documents. */
  documents: string[];
  signatures: number;
}
export interface OrderReport {
  /** null: nothing is asked for. */
  wanted: ReportWanted | null;
  state: ReportState;
}
export interface Paper {
  kind: PaperKind;
  document: string | null;
  text: string | null;
  /** null: not kept any more. */
  file: Attachment | null;
}
export interface Report {
  id: string;
  /** The n-th of its visit, from 1. */
  number: number;
  handed_in_by: Ref | null;
  handed_in_at: string;
  comment: string | null;
  papers: Paper[];
  verdict: Verdict | null;
  defects: string | null;
  judged_by: Ref | null;
  judged_at: string | null;
}
export interface PaperGiven {
  attachment: string;
  kind: PaperKind;
  document: string | null;
  text: string | null;
}

export const handInReport = (order: string, papers: PaperGiven[], comment: string | null) =>
  post<Done>(`work-orders/${order}/reports`, { papers, comment });
export const judgeReport = (order: string, number: number | null, verdict: Verdict, defects: string | null) =>
  post<Done>(`work-orders/${order}/verdict`, { number, verdict, defects });
