// What the inbox shows, kept whole in the address: a link to a list is a link to that very list.
import { m } from "$m";

/** Names of the query parameters; the API takes the same. */
export const FILTERS = [
  "q", "client", "phase", "status", "queue", "assignee", "priority", "waits_for", "is_marked", "is_overdue", "is_at_risk", "is_queued", "is_waiting", "is_unclassified", "awaits_acceptance",
  "closed_from", "closed_to", "tag", "asset", "site",
  "contact", "watcher", "sort",
] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filters = Partial<Record<FilterName, string>>;

/** In the address only: the API shows every phase when none is named. */
export const EVERY_PHASE = "all";

export interface View {
  key: string;
  name: string;
  filters: Filters;
}

/** People from outside are not shown who works on what, nor our deadlines. */
const OUTSIDE_VIEWS = ["open", "waiting", "all"];

/** Views that everybody has; a person's own come after them. */
export function usualViews(reader: "staff" | "outside" = "staff"): View[] {
  const all: View[] = [
    { key: "open", name: m.inbox_view_open(), filters: { phase: "active" } },
    { key: "mine", name: m.inbox_view_mine(), filters: { phase: "active", assignee: "me" } },
    { key: "unassigned", name: m.inbox_view_unassigned(), filters: { phase: "active", assignee: "none" } },
    { key: "due", name: m.inbox_view_due(), filters: { phase: "active", sort: "due" } },
    { key: "overdue", name: m.inbox_view_overdue(), filters: { phase: "active", is_overdue: "true", sort: "due" } },
    { key: "at_risk", name: m.inbox_view_at_risk(), filters: { phase: "active", is_at_risk: "true", sort: "due" } },
    { key: "to_accept", name: m.lines_to_accept(), filters: { phase: "active", assignee: "me", awaits_acceptance: "true" } },
    { key: "waiting", name: m.inbox_view_waiting(), filters: { phase: "active", waits_for: "client,part,approval,third_party" } },
    { key: "marked", name: m.inbox_view_marked(), filters: { is_marked: "true" } },
    { key: "all", name: m.inbox_view_all(), filters: { phase: EVERY_PHASE } },
  ];
  return reader === "staff" ? all : all.filter((view) => OUTSIDE_VIEWS.includes(view.key));
}

export const USUAL_FILTERS: Filters = { phase: "active" };

export function filtersOf(query: URLSearchParams): Filters {
  const filters: Filters = {};
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value) filters[name] = value;
  }
  return filters.phase || filters.is_marked || filters.status ? filters : { ...USUAL_FILTERS, ...filters };
}

export function queryOf(filters: Filters): string {
  const query = new URLSearchParams();
  for (const name of FILTERS) {
    const value = filters[name];
    if (value) query.set(name, value);
  }
  return query.toString();
}

/** What the API is asked for. */
export function askedFor(filters: Filters): Record<string, string> {
  const { phase, ...rest } = filters;
  return phase && phase !== EVERY_PHASE ? { ...rest, phase } : rest;
}

/** The view whose filters these are, whatever words are searched for in it. */
export function viewOf(filters: Filters, views: View[]): View | undefined {
  const { q: _words, ...rest } = filters;
  return views.find((view) => queryOf(view.filters) === queryOf(rest));
}
