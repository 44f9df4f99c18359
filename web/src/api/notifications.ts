// What concerns the person who is logged in.
import { type Done, type Page, get, post } from "./client";

export interface Notification {
  id: string;
  ticket: string | null;
  number: string | null;
  subject: string | null;
  client: string | null;
  template: string | null;
  text: string | null;
  /** A report that it leads to. */
  report: { report: "unclassified" | "ratings"; client: string; from: string; to: string } | null;
  at: string;
  read_at: string | null;
}

export const listNotifications = () => get<Page<Notification>>("notifications", { limit: 100 });
export const readNotifications = () => post<Done>("notifications/read", { up_to: null });
