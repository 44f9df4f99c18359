// Words for what a script read and asked for, and values as people read them.
import { m } from "$m";
import { spoken } from "../clients/book.svelte";
import { language } from "../kit/language.svelte";
import { exact } from "../kit/time";
import { peopleBook } from "../people/book.svelte";

const COMMANDS: Record<string, () => string> = {
  change_ticket: m.command_change_ticket, add_comment: m.command_add_comment, assign_ticket: m.command_assign_ticket,
  unassign_ticket: m.command_unassign_ticket, queue_ticket: m.command_queue_ticket,
  resolve_ticket: m.command_resolve_ticket, close_ticket: m.command_close_ticket,
  reopen_ticket: m.command_reopen_ticket, change_tags: m.command_change_tags, link_tickets: m.command_link_tickets,
  mark_duplicate: m.command_mark_duplicate, add_watcher: m.command_add_watcher, count_up: m.command_count_up,
  open_task: m.command_open_task, cancel_task: m.command_cancel_task, dispatch: m.command_dispatch,
  open_work_order: m.command_open_work_order, advance_work_order: m.command_advance_work_order,
  send_order_note: m.command_send_order_note, require_report: m.command_require_report, judge_report: m.command_judge_report,
  ask_people: m.command_ask_people, start_timer: m.command_start_timer, cancel_timer: m.command_cancel_timer,
  start_ladder: m.command_start_ladder, stop_ladder: m.command_stop_ladder, notify: m.command_notify,
  ask_rating: m.command_ask_rating, send_report: m.command_send_report, call_plugin: m.command_call_plugin,
  remove_watcher: m.command_remove_watcher, declare_incident: m.command_declare_incident,
  attach_to_incident: m.command_attach_to_incident, detach_from_incident: m.command_detach_from_incident,
};
const FACTS: Record<string, () => string> = {
  now: m.fact_now, ticket: m.fact_ticket, text: m.fact_text, description: m.fact_description, client: m.fact_client,
  sub_client: m.fact_sub_client, site: m.fact_site, asset: m.fact_asset, contact: m.fact_contact,
  person: m.fact_person, person_by_login: m.fact_person_by_login, tasks: m.fact_tasks, orders: m.fact_orders, reports: m.fact_reports, files: m.fact_files,
  sla: m.fact_sla, people_on_shift: m.fact_people_on_shift, is_on_shift: m.fact_is_on_shift, open_tickets_of_asset: m.fact_open_tickets_of_asset,
  ladders: m.fact_ladders, contract_use: m.fact_contract_use, time_entries: m.fact_time_entries, rating: m.fact_rating, incident: m.fact_incident,
  open_incidents: m.fact_open_incidents, found: m.fact_found, possible_duplicates: m.fact_possible_duplicates,
  repairs_of_asset: m.fact_repairs_of_asset, minutes: m.fact_minutes, logins_of_contact: m.fact_logins_of_contact,
  tickets_of_contact: m.fact_tickets_of_contact, last_heard_of_contact: m.fact_last_heard_of_contact,
};
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** How a run ended. */
export function runWord(state: string): string {
  if (state === "failed") return m.inbox_failed_mark();
  return state === "quarantined" ? m.why_quarantined() : m.why_ok();
}
/** Outside work by its kind. */
export const jobWord = (kind: string) => (kind === "call_plugin" ? m.job_call_plugin() : spoken(kind));
export const commandWord = (type: string) => COMMANDS[type]?.() ?? spoken(type);
export const factWord = (name: string) => FACTS[name]?.() ?? spoken(name);

/** A moment in the reader's zone; anything else as it is. */
const ID = /^\d{16,}$/;
export function readable(value: string): string {
  if (MOMENT.test(value)) return exact(value, language.current);
  return (ID.test(value) && peopleBook.staff.find((one) => one.id === value)?.name) || value;
}
