// Who knows which client, model or category, and who answers for a client.
import { type Done, get, post } from "./client";
import type { Ref } from "./tickets";

export type Speciality =
  | { is: "client" | "technical_manager"; client: string; sub_client: string | null }
  | { is: "model"; client: string | null; model: string }
  | { is: "category"; client: string; category: string };
export interface SpecialistLine {
  id: string;
  person: Ref;
  of: Speciality;
  client: Ref | null;
  sub_client: Ref | null;
  valid_from: string;
  valid_to: string | null;
  version: number;
  may_end: boolean;
}

export const listSpecialists = (of: { client: string } | { person: string }) => get<{ items: SpecialistLine[] }>("specialists", of);
export const nameSpecialist = (body: { person: string; of: Speciality; valid_from: string | null; valid_to: string | null }) =>
  post<Done>("specialists", body);
export const endSpecialist = (id: string, version: number) => post<Done>(`specialists/${id}/end`, { version });
