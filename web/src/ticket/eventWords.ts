// What an event says in a person's language: one sentence from its keys and ids.
import { m } from "$m";
import type { EventBody, FieldValue, LinkKind, Stage, TimelineEvent } from "../api/tickets";
import type { Verdict } from "../api/visitReports";
import { clientBook } from "../clients/book.svelte";
import { reasonWord } from "../contract/words";
import { language } from "../kit/language.svelte";
import { duration, moment } from "../kit/time";
import { jobWord } from "../why/words";
import { type LadderStop, type StartedLadder, ladderStarted, ladderStopped } from "./ladderWords";
import { verdictWords } from "../report/words";
import { linkWord, priorityWord, stageWord, targetWord } from "./words";

const MINUTE_MS = 60_000;

type Describe = (event: EventBody, say: Sayer) => string;

/** The words behind ids and keys on this page. */
class Sayer {
  constructor(
    readonly entry: TimelineEvent,
    readonly client: string,
  ) {}
  text = (id: unknown) => this.entry.texts[String(id)] ?? "";
  person = (id: unknown) => this.entry.people[String(id)] ?? m.kit_unknown();
  /** Whose it is, where the actor has not been named already. */
  of = (id: unknown, words: string) => (this.entry.actor.person === String(id) ? words : `${this.person(id)}: ${words}`);
  status = (key: unknown) => clientBook.statusWord(this.client, String(key));
  category = (key: unknown) => (key ? clientBook.categoryWord(this.client, String(key)) : m.event_nothing());
  queue = (key: unknown) => clientBook.queueWord(this.client, String(key));
  target = (key: unknown) => targetWord(String(key), this.client);
  timer = (key: unknown) => clientBook.timerWord(this.client, String(key));
  /** What a site, an asset, a contact or a sub-client is called. */
  named = (id: unknown) => (id == null ? m.event_nothing() : (this.entry.names[String(id)] ?? m.kit_unknown()));
  resolution = (key: unknown) => clientBook.resolutionWord(this.client, String(key));
  field(value: unknown): string {
    const { kind, value: inner } = value as FieldValue;
    if (kind === "text") return this.text(inner);
    if (kind === "flag") return inner ? m.kit_yes() : m.kit_no();
    return kind === "moment" ? moment(String(inner), Date.now(), language.current) : String(inner);
  }
  number(id: unknown): string {
    return this.entry.tickets[String(id)]?.number ?? "";
  }
}

const messageWords = (event: EventBody, say: Sayer) => (event.person ? m.event_message_to({ person: say.person(event.person) }) : m.event_message_reply());
const name = (value: unknown) => String(value).replaceAll("_", " ");
const spent = (value: unknown) => duration((value as { minutes: number }).minutes * MINUTE_MS, language.current);
const list = (value: unknown) => (Array.isArray(value) ? (value as string[]) : []);

/** The place by which the ticket's calendar and targets go. */
interface Terms {
  time_zone: string | null;
  calendar: string | null;
  country: string | null;
  sub_client: string | null;
}
function termsWords({ time_zone: zone, calendar, country, sub_client: key }: Terms): string {
  const words = [
    calendar && m.terms_calendar({ calendar: name(calendar) }), zone && m.terms_zone({ zone }),
    country && m.terms_country({ country: countryWord(country) }), key && m.terms_sub_client({ key: name(key) }),
  ].filter(Boolean);
  return words.join(", ") || m.event_terms_default();
}
const countryWord = (code: string) => new Intl.DisplayNames(language.current, { type: "region" }).of(code) ?? code;

const WORDS: Record<string, Describe> = {
  ticket_opened: () => m.event_ticket_opened(),
  status_changed: (event, say) => m.event_status_changed({ from: say.status(event.from), to: say.status(event.to) }),
  category_changed: (event, say) => m.event_category_changed({ from: say.category(event.from), to: say.category(event.to) }),
  priority_changed: (event) =>
    m.event_priority_changed({ from: priorityWord(Number(event.from)), to: priorityWord(Number(event.to)) }),
  urgent_changed: (event) => (event.to ? m.event_urgent_on() : m.event_urgent_off()),
  subject_changed: (event, say) => m.event_subject_changed({ to: say.text(event.to) }),
  sub_client_changed: (event, say) => m.event_sub_client_changed({ to: say.named(event.to) }),
  site_changed: (event, say) => m.event_site_changed({ to: say.named(event.to) }),
  terms_changed: (event) => m.event_terms_changed({ terms: termsWords((event.terms ?? {}) as Terms) }),
  asset_changed: (event, say) => m.event_asset_changed({ to: say.named(event.to) }),
  contact_changed: (event, say) => m.event_contact_changed({ to: say.named(event.to) }),
  field_changed: (event, say) => {
    const field = clientBook.fieldWord(say.client, String(event.field));
    return event.to == null ? m.event_field_emptied({ field }) : m.event_field_changed({ field, to: say.field(event.to) });
  },
  coverage_checked: (event) => {
    const { reason } = event.coverage as { reason: string | null };
    return reason ? m.event_coverage_not({ reason: reasonWord(reason) }) : m.event_coverage_covered();
  },
  priority_raised: (event) => {
    const { from, to } = event.raise as { from: number; to: number };
    return m.event_priority_raised({ from: priorityWord(from), to: priorityWord(to) });
  },
  rating_planned: (event) => m.event_rating_planned({ at: moment(String(event.ask_at), Date.now(), language.current) }),
  rating_asked: () => m.event_rating_asked(),
  ticket_rated: (event) => m.event_ticket_rated({ score: String(event.score) }),
  rating_settled: (event) => m.event_rating_settled({ score: String((event.answer as { score: number }).score) }),
  tags_changed: (event) =>
    m.event_tags_changed({
      changes: [...list(event.added).map((tag) => `+${tag}`), ...list(event.removed).map((tag) => `−${tag}`)].join(", "),
    }),
  counter_changed: (event) => m.event_counter_changed({ name: name(event.name), to: String(event.to) }),
  watcher_added: (event, say) => m.event_watcher_added({ person: say.person(event.person) }),
  watcher_removed: (event, say) => m.event_watcher_removed({ person: say.person(event.person) }),
  attachments_added: () => m.event_attachments_added(),
  ticket_assigned: (event, say) => m.event_ticket_assigned({ person: say.person(event.person) }),
  ticket_accepted: () => m.event_ticket_accepted(),
  assignment_returned: (event, say) => {
    const words = { person: say.person(event.person) };
    return event.why === "off_shift" ? m.event_returned_off_shift(words) : m.event_returned_not_accepted(words);
  },
  ticket_unassigned: (event, say) => m.event_ticket_unassigned({ person: say.person(event.person) }),
  ticket_queued: (event, say) => m.event_ticket_queued({ queue: say.queue(event.to) }),
  assignment_failed: () => m.event_assignment_failed(),
  task_opened: (event, say) => m.event_task_opened({ department: say.queue(event.department), title: say.text(event.title) }),
  task_taken: (event, say) => m.event_task_taken({ person: say.person(event.person) }),
  task_done: (event, say) =>
    m.event_task_done({
      department: say.queue(event.department),
      outcome: clientBook.outcomeWord(say.client, String(event.department), String(event.outcome)),
    }),
  task_cancelled: (event, say) => m.event_task_cancelled({ department: say.queue(event.department) }),
  work_order_opened: (event, say) => m.event_work_order_opened({ person: say.person(event.engineer) }),
  work_order_advanced: (event, say) => {
    const to = m.event_work_order_advanced({ person: say.person(event.engineer), to: stageWord(event.to as Stage) });
    return event.outcome ? `${to} — ${clientBook.orderOutcomeWord(say.client, String(event.outcome))}` : to;
  },
  work_order_note_sent: (event, say) => m.event_work_order_note_sent({ text: say.text(event.text) }),
  report_required: () => m.event_report_required(),
  report_handed_in: (event) => m.event_report_handed_in({ number: String(event.number) }),
  report_judged: (event) => verdictWords(event.verdict as Verdict),
  time_recorded: (event, say) => say.of(event.person, m.event_time_recorded({ time: spent(event.spent) })),
  time_changed: (event, say) => say.of(event.person, m.event_time_changed({ from: spent(event.from), to: spent(event.to) })),
  time_taken_back: (event, say) => say.of(event.person, m.event_time_taken_back({ time: spent(event.spent) })),
  stopwatch_started: (event, say) => say.of(event.person, m.event_stopwatch_started()),
  stopwatch_stopped: (event, say) => say.of(event.person, m.event_stopwatch_stopped()),
  handed_over: (event, say) => {
    const who = { person: say.person(event.person) };
    return event.cause === "shift_end" ? m.event_handed_over_shift(who) : m.event_handed_over(who);
  },
  ticket_resolved: (event, say) => m.event_ticket_resolved({ resolution: say.resolution(event.resolution) }),
  ticket_closed: (event, say) => m.event_ticket_closed({ resolution: say.resolution(event.resolution) }),
  ticket_reopened: () => m.event_ticket_reopened(),
  ticket_linked: (event, say) => m.event_ticket_linked({ kind: linkWord(event.kind as LinkKind, "to"), number: say.number(event.other) }),
  ticket_unlinked: (event, say) => m.event_ticket_unlinked({ number: say.number(event.other) }),
  incident_declared: () => m.event_incident_declared(),
  incident_changed: () => m.event_incident_changed(),
  incident_ended: () => m.event_incident_ended(),
  attached_to_incident: (event, say) =>
    (event.by === "rule" ? m.event_attached_by_rule : m.event_attached)({ number: say.number(event.incident) }),
  detached_from_incident: (event, say) => m.event_detached({ number: say.number(event.incident) }),
  timer_started: (event, say) => m.event_timer_started({ name: say.timer(event.name), time: moment(String(event.run_at), Date.now(), language.current) }),
  timer_cancelled: (event, say) => m.event_timer_cancelled({ name: say.timer(event.name) }),
  timer_fired: (event, say) => m.event_timer_fired({ name: say.timer(event.name) }),
  ladder_started: (event, say) => ladderStarted(event as unknown as StartedLadder, say.client),
  rung_reached: (event) => m.event_rung_reached({ function: name(event.function) }),
  ladder_stopped: (event) => ladderStopped(name(event.name), event.why as LadderStop),
  sla_reached: (event, say) => {
    const target = say.target(event.target);
    const over = Number(event.overdue_minutes ?? 0);
    if (over > 0) return m.event_sla_overdue_by({ target, time: duration(over * MINUTE_MS, language.current) });
    return Number(event.percent) >= 100 ? m.event_sla_missed({ target }) : m.event_sla_reached({ target, percent: String(event.percent) });
  },
  person_notified: (event, say) => m.event_person_notified({ person: say.person(event.person) }),
  message_held: (event, say) => m.event_message_held({ what: messageWords(event, say) }),
  message_discarded: (event, say) => {
    const words = { what: messageWords(event, say) };
    if (event.why === "ticket_closed") return m.event_message_discarded_closed(words);
    return event.why === "recipient_gone" ? m.event_message_discarded_gone(words) : m.event_message_discarded(words);
  },
  plugin_called: (event) => m.event_plugin_called({ plugin: String(event.plugin), function: String(event.function) }),
  plugin_answered: (event) => {
    const words = { plugin: String(event.plugin), function: String(event.function) };
    return event.is_ok ? m.event_plugin_answered(words) : m.event_plugin_failed(words);
  },
  job_died: (event) => m.event_job_died({ kind: jobWord(String(event.kind)) }),
  pack_version_moved: () => m.event_pack_version_moved(),
  script_failed: (event) => m.event_script_failed({ handler: String(event.handler) }),
  mark_cleared: () => m.event_mark_cleared(),
};

export function eventWords(entry: TimelineEvent, client: string): string {
  return WORDS[entry.type]?.(entry.body, new Sayer(entry, client)) ?? name(entry.type);
}

/** What a field held when the event happened. */
export const fieldWords = (entry: TimelineEvent, client: string, value: FieldValue): string => new Sayer(entry, client).field(value);

/** Free words that belong to the event: a reason, a comment, a note, a message. */
export function eventDetail({ type, body, texts }: TimelineEvent): string {
  if (type === "handed_over") {
    const parts = [body.note, body.summary].filter((part) => typeof part === "string");
    return parts.map((part) => texts[part as string] ?? "").join("\n");
  }
  const isMessage = type === "person_notified" || type === "message_held";
  const id = body.reason ?? body.note ?? body.comment ?? body.defects ?? (isMessage ? body.text : null);
  return typeof id === "string" ? (texts[id] ?? "") : "";
}
