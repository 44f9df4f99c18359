// Words of the ledger: what a piece of time was spent on, whose it was, what began it.
import { m } from "$m";
import type { BoundingEvent, Ledger, Piece, PieceKind } from "../api/ledger";
import type { TimelineEvent } from "../api/tickets";
import { clientBook, spoken } from "../clients/book.svelte";
import { language } from "../kit/language.svelte";
import { duration, moment } from "../kit/time";
import { eventWords } from "../ticket/eventWords";
import { waitsForWord } from "../ticket/words";

const KINDS: Record<PieceKind, () => string> = {
  working: m.ledger_working, outside_calendar: m.ledger_outside_calendar, resolved: m.ledger_resolved,
  waiting_for_client: () => waitsForWord("client"), waiting_for_part: () => waitsForWord("part"),
  waiting_for_approval: () => waitsForWord("approval"), waiting_for_third_party: () => waitsForWord("third_party"),
};
export const kindWord = (kind: PieceKind) => capital(KINDS[kind]());
const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** Events that may stand on a page of the timeline that is not read: named without what changed. */
const EVENTS: Record<string, () => string> = {
  ticket_opened: m.event_ticket_opened, status_changed: m.ledger_event_status, ticket_assigned: m.ledger_event_assigned,
  ticket_unassigned: m.ledger_event_unassigned, ticket_queued: m.ledger_event_queued, task_opened: m.ledger_event_task,
  task_taken: m.ledger_event_task, task_done: m.ledger_event_task, task_cancelled: m.ledger_event_task,
  terms_changed: m.ledger_event_terms, ticket_resolved: m.ledger_event_resolved, ticket_closed: m.ledger_event_closed,
  ticket_reopened: m.event_ticket_reopened, pack_version_moved: m.event_pack_version_moved,
};

export class LedgerWords {
  readonly #events: Map<string, BoundingEvent>;
  readonly #timeline: Map<string, TimelineEvent>;

  constructor(
    ledger: Ledger,
    timeline: TimelineEvent[],
    readonly client: string,
    readonly partners: ReadonlyMap<string, string>,
  ) {
    this.#events = new Map(ledger.events.map((one) => [one.id, one]));
    this.#timeline = new Map(timeline.map((one) => [one.id, one]));
  }

  event(id: string): BoundingEvent | undefined {
    return this.#events.get(id);
  }
  /** What began the piece. */
  cause(piece: Piece): string {
    if (piece.begins_with === "calendar") {
      return piece.kind === "outside_calendar" ? m.ledger_calendar_closes() : m.ledger_calendar_opens();
    }
    const entry = this.#timeline.get(piece.opened_by);
    if (entry) return eventWords(entry, this.client);
    const kind = this.event(piece.opened_by)?.kind ?? "";
    return EVENTS[kind]?.() ?? spoken(kind);
  }
  status = (key: string) => clientBook.statusWord(this.client, key);
  queue = (key: string | null) => (key ? clientBook.queueWord(this.client, key) : m.ledger_no_queue());
  partner = (key: string) => this.partners.get(key) ?? spoken(key);
  /** Queue, person, partner; or that it counts for nobody. */
  whose(piece: Piece): string {
    const names = [piece.queue ? this.queue(piece.queue) : null, piece.person ? (piece.person_name ?? m.kit_unknown()) : null,
      piece.partner ? this.partner(piece.partner) : null].filter(Boolean);
    if (names.length) return names.join(" · ");
    return piece.kind === "resolved" ? m.ledger_nobodys() : m.ledger_no_queue();
  }
}

/** What a row of targets names, as the server says it ("priority 2, country KZ"), in the reader's language. */
export function criteriaWord(criteria: string, client: string): string {
  const part = (words: string) => {
    const [, name = "", value = ""] = /^(\S+) (.*)$/.exec(words) ?? [];
    if (name === "priority") return m.ledger_for_priority({ value });
    if (name === "category") return m.ledger_for_category({ value: clientBook.categoryWord(client, value) });
    if (name === "sub-client") return m.ledger_for_sub_client({ value });
    if (name === "country") return m.ledger_for_country({ value });
    return name === "site" ? m.ledger_for_site() : m.ledger_for_every();
  };
  return criteria.split(", ").map(part).join(", ");
}

/** A length in at most two units; seconds where it is under a minute, so that nothing reads as zero. */
export function lengthWord(ms: number): string {
  const MINUTE_MS = 60_000;
  if (ms >= MINUTE_MS || ms === 0) return duration(ms, language.current);
  return new Intl.NumberFormat(language.current, { style: "unit", unit: "second", unitDisplay: "short" }).format(Math.ceil(ms / 1000));
}

/** "12 Mar, 10:00 – 14:05", or both days when they differ, in that zone. */
export function rangeWord(piece: Piece, now: number, zone?: string): string {
  const from = moment(piece.from, now, language.current, zone);
  const to = moment(piece.to, now, language.current, zone);
  const day = (iso: string) => new Date(iso).toLocaleDateString("en-CA", { timeZone: zone });
  if (day(piece.from) !== day(piece.to)) return `${from} – ${to}`;
  const clock = new Intl.DateTimeFormat(language.current, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
  return `${from} – ${clock.format(new Date(piece.to))}`;
}
