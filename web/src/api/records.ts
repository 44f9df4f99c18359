// What stands behind tickets: sites, assets, contacts.
import { type Done, type Page, get, post } from "./client";

export interface Site {
  id: string;
  client: string;
  sub_client: string | null;
  name: string;
  address: string;
  city: string;
  country: string;
  time_zone: string;
  /** The key of the calendar by which its tickets' clocks run; nothing: the client's own. */
  calendar: string | null;
  /** A part of the city, as territories name it. */
  district: string | null;
  /** In degrees. */
  location: { latitude: number; longitude: number } | null;
  version: number;
}
export interface Asset {
  id: string;
  client: string;
  site: string | null;
  tag: string;
  serial: string;
  model: string;
  certificates: string[];
  is_active: boolean;
  version: number;
  /** Of the site; lists carry them. */
  site_name?: string | null;
  city?: string | null;
}
export interface Contact {
  id: string;
  client: string;
  sub_client: string | null;
  name: string;
  email: string | null;
  phone: string | null;
  version: number;
}
export type Put<T extends { id: string; version: number }> = Omit<T, "id" | "version"> & { version?: number };
export type Query = Record<string, string>;

const save = (list: string, id: string | null, body: unknown) => post<Done>(id ? `${list}/${id}` : list, body);

export const listSites = (query: Query, signal?: AbortSignal) => get<Page<Site>>("sites", query, signal);
export const readSite = (id: string) => get<Site>(`sites/${id}`);
export const putSite = (id: string | null, body: Put<Site>) => save("sites", id, body);
export const listAssets = (query: Query, signal?: AbortSignal) => get<Page<Asset>>("assets", query, signal);
export const readAsset = (id: string) => get<Asset>(`assets/${id}`);
export const putAsset = (id: string | null, body: Put<Asset>) => save("assets", id, body);
export const listContacts = (query: Query, signal?: AbortSignal) => get<Page<Contact>>("contacts", query, signal);
export const readContact = (id: string) => get<Contact>(`contacts/${id}`);
export const putContact = (id: string | null, body: Put<Contact>) => save("contacts", id, body);
