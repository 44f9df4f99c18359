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

export const classificationReport = (query: { from: string; to: string; client: string }, signal?: AbortSignal) =>
  get<ClassificationReport>("reports/classification", query, signal);
