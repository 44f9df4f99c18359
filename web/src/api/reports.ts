// Reports that supervisors read.
import { get } from "./client";
import type { Ref } from "./tickets";

export interface ClassificationRow {
  client: string;
  client_name: string;
  queue: string | null;
  person: Ref | null;
  closed: number;
  unclassified: number;
}
export interface ClassificationReport {
  from: string;
  to: string;
  rows: ClassificationRow[];
  closed: number;
  unclassified: number;
}

export interface RatingRow {
  client: string;
  client_name: string;
  person: Ref | null;
  asked: number;
  rated: number;
  satisfied: number;
  /** The sum of the scores. */
  scores: number;
  csat_percent: number | null;
}
export interface RatingReport {
  from: string;
  to: string;
  rows: RatingRow[];
  asked: number;
  rated: number;
  satisfied: number;
  csat_percent: number | null;
}

export const ratingReport = (query: { from: string; to: string; client: string }, signal?: AbortSignal) =>
  get<RatingReport>("reports/ratings", query, signal);
export const classificationReport = (query: { from: string; to: string; client: string }, signal?: AbortSignal) =>
  get<ClassificationReport>("reports/classification", query, signal);
