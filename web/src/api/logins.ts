// Whose the log-ins of a client's own desk are.
import { type Done, get, post } from "./client";
import type { Ref } from "./tickets";

export interface ForeignLogin {
  id: string;
  system: string;
  login: string;
  person: Ref;
  valid_from: string;
  valid_to: string | null;
  version: number;
  may_end: boolean;
}
export interface LoginPut {
  client: string;
  system: string;
  login: string;
  person: string;
  valid_from: string | null;
}

export const listLogins = (client: string, over: boolean, signal?: AbortSignal) =>
  get<{ items: ForeignLogin[] }>("foreign-logins", { client, over }, signal);
export const mapLogin = (put: LoginPut) => post<Done>("foreign-logins", put);
export const endLogin = ({ id, version }: ForeignLogin) => post<Done>(`foreign-logins/${id}/end`, { version });
