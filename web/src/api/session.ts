// Who is here: set-up, login, the account's own password, sessions and tokens.
import type { Timer } from "./recorded";
import { type Done, get, post, remove } from "./client";
import type { Grant, Membership, Person } from "./people";

export interface Reach {
  all: boolean;
  clients: string[];
}
export interface Me {
  person: Person;
  grants: Grant[];
  memberships: Membership[];
  scope: { clients: Reach; administers: Reach; supervises: Reach; sees_internals: boolean };
  may: {
    open_tickets: boolean;
    keep_records: boolean;
    supervise: boolean;
    administer: boolean;
    administer_all: boolean;
    see_lists: boolean;
    has_tasks: boolean;
    has_orders: boolean;
    has_reports: boolean;
  };
  unread: number;
  /** The one that runs; nothing: none does. */
  timer?: Timer | null;
  server_time: string;
  version: string;
}
export interface Session {
  id: string;
  created_at: string;
  seen_at: string;
  expires_at: string;
  address: string;
  agent: string;
  is_current: boolean;
}
export interface Token {
  id: string;
  name: string;
  created_at: string;
  seen_at: string | null;
  expires_at: string | null;
}
interface SetUp {
  token: string;
  login: string;
  name: string;
  password: string;
  language: string;
  time_zone: string;
}

export const setUpNeeded = () => get<{ needed: boolean }>("setup");
export const setUp = (body: SetUp) => post<Me>("setup", body);
export const me = () => get<Me>("session");
export const logIn = (login: string, password: string) => post<Me>("session", { login, password });
export const logOut = () => remove("session");
export const resetOf = (token: string) => get<{ login: string; name: string }>(`reset/${encodeURIComponent(token)}`);
export const resetPassword = (token: string, password: string) => post<Me>("reset", { token, password });
export const changePassword = (current: string, fresh: string) => post("password", { current, new: fresh });
export const listSessions = () => get<{ items: Session[] }>("sessions");
export const revokeSession = (id: string) => post(`sessions/${id}/revoke`, {});
export const listTokens = () => get<{ items: Token[] }>("tokens");
export const createToken = (name: string) => post<Token & { token: string }>("tokens", { name });
export const revokeToken = (id: string) => post(`tokens/${id}/revoke`, {});
export const changeMe = (body: { language?: string; time_zone?: string; is_on_duty?: boolean }) => post<Done>("me", body);
