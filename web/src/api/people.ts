// People: staff, partners' members, contacts who log in; their roles and reset links.
import { type Done, type Page, get, post } from "./client";

export interface EngineerProfile {
  grade: number;
  city: string;
  certificates: string[];
  languages: string[];
  lead: string | null;
}
export interface ServiceArea {
  /** In degrees. */
  location: { latitude: number; longitude: number } | null;
  /** `KZ`, `KZ/Almaty`, `KZ/Almaty/Medeu`. */
  territories: string[];
}
export interface Territory {
  territory: string;
  sites: number;
}
export interface Grant {
  role: string;
  client: string | null;
}
export interface Membership {
  queue: string;
  client: string | null;
}
export type Affiliation =
  | { kind: "staff" }
  | { kind: "partner"; partner: string }
  | { kind: "contact"; client: string; contact: string | null };
export interface Person {
  id: string;
  login: string;
  name: string;
  email: string | null;
  phone: string | null;
  language: string;
  time_zone: string;
  affiliation: Affiliation;
  engineer: EngineerProfile | null;
  /** Attestations, beside an engineer's certificates. */
  certificates: string[];
  languages: string[];
  service_area: ServiceArea;
  capacity: number;
  is_on_duty: boolean;
  is_active: boolean;
  version: number;
}
/** What is left out of the three stays as it is. */
export type PersonPut = Omit<Person, "id" | "version" | "certificates" | "languages" | "service_area"> &
  Partial<Pick<Person, "certificates" | "languages" | "service_area">> & { version?: number };
export interface Partner {
  id: string;
  key: string;
  name: string;
  version: number;
}
export interface Access {
  grants: Grant[];
  memberships: Membership[];
}

export const listPeople = (query: Record<string, string>, signal?: AbortSignal) => get<Page<Person>>("people", query, signal);
export const readPerson = (id: string) => get<Person>(`people/${id}`);
export const putPerson = (id: string | null, body: PersonPut) => post<Done>(id ? `people/${id}` : "people", body);
export const listTerritories = () => get<{ items: Territory[] }>("territories");
export const readAccess = (id: string) => get<Access>(`people/${id}/access`);
export const setAccess = (id: string, access: Access) => post<Done>(`people/${id}/access`, access);
export const makeResetLink = (id: string) => post<{ link: string; token: string; expires_at: string }>(`people/${id}/reset-link`, {});
export const listPartners = (q = "") => get<{ items: Partner[] }>("partners", { q });
export const readPartner = (id: string) => get<Partner>(`partners/${id}`);
export const putPartner = (id: string | null, body: Omit<Partner, "id" | "version"> & { version?: number }) =>
  post<Done>(id ? `partners/${id}` : "partners", body);
