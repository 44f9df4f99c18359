// What a back-test found, in words.
import { m } from "$m";
import type { BacktestPage, BacktestState, BacktestTicket, DifferenceKind, Fate, Lost } from "../api/backtest";
import { clientBook, spoken } from "../clients/book.svelte";
import type { Tone } from "../kit/tone";
import { priorityWord, targetWord } from "../ticket/words";

type Word = () => string;

const KINDS: Record<DifferenceKind, Word> = {
  route: m.backtest_kind_route, status: m.backtest_kind_status, category: m.backtest_kind_category,
  priority: m.backtest_kind_priority, breaches_gained: m.backtest_kind_gained, breaches_lost: m.backtest_kind_lost,
  tasks: m.backtest_kind_tasks, dispatches: m.backtest_kind_dispatches, messages: m.backtest_kind_messages,
  script_errors: m.backtest_kind_errors, presence: m.backtest_kind_presence,
};
const PHASES: Record<BacktestPage["stand"]["phase"], Word> = {
  reading: m.backtest_reading, setting_up: m.backtest_setting_up, replaying: m.backtest_replaying, comparing: m.backtest_comparing,
};
const STATES: Record<BacktestState, [Word, Tone]> = {
  running: [m.backtest_running, "active"], done: [m.backtest_done, "on-time"],
  cancelled: [m.backtest_cancelled, "neutral"], failed: [m.backtest_failed, "overdue"],
};
const WHYS: Record<Lost["why"], Word> = {
  refused: m.backtest_why_refused, no_ticket: m.backtest_why_no_ticket, no_counterpart: m.backtest_why_no_counterpart,
  not_kept: m.backtest_why_not_kept, unanswered: m.backtest_why_unanswered, unreadable: m.backtest_why_unreadable,
};

export const KIND_KEYS = Object.keys(KINDS) as DifferenceKind[];
export const kindWord = (kind: DifferenceKind) => KINDS[kind]();
export const phaseWord = (phase: BacktestPage["stand"]["phase"]) => PHASES[phase]();
export const stateWord = (state: BacktestState) => STATES[state][0]();
export const stateTone = (state: BacktestState) => STATES[state][1];
export const whyWord = (lost: Pick<Lost, "why" | "said">) => lost.said ?? WHYS[lost.why]();

/** Lost commands by what they were and why they came to nothing, the most frequent first. */
export function grouped(lost: Lost[]): { command: string; why: string; count: number }[] {
  const found = new Map<string, { command: string; why: string; count: number }>();
  for (const one of lost) {
    const [command, why] = [spoken(one.command), whyWord(one)];
    const group = found.get(`${command}\n${why}`) ?? { command, why, count: 0 };
    group.count += 1;
    found.set(`${command}\n${why}`, group);
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

export interface Change {
  what: string;
  published: string;
  draft: string;
}

/** What differs on a ticket, one line for each kind. */
export function changesOf(row: BacktestTicket, client: string): Change[] {
  const { published: was, draft: is } = row;
  if (!was || !is) {
    const [yes, no] = [m.backtest_opened(), m.backtest_not_opened()];
    return [{ what: m.backtest_kind_presence(), published: was ? yes : no, draft: is ? yes : no }];
  }
  const both = (kind: DifferenceKind, words: (fate: Fate) => string) => ({ what: kindWord(kind), published: words(was), draft: words(is) });
  const words = new FateWords(row, client);
  return row.kinds.map((kind) => both(kind, (fate) => words.of(kind, fate, fate === was ? is : was)));
}

class FateWords {
  constructor(private row: BacktestTicket, private client: string) {}

  of(kind: DifferenceKind, fate: Fate, other: Fate): string {
    switch (kind) {
      case "route": return this.route(fate, other);
      case "status": return fate.resolution !== other.resolution && fate.resolution
        ? clientBook.resolutionWord(this.client, fate.resolution)
        : this.key(fate.status, clientBook.statusWord);
      case "category": return this.key(fate.category, clientBook.categoryWord);
      case "priority": return priorityWord(fate.priority);
      case "breaches_gained":
      case "breaches_lost": return fate.missed.map((target) => targetWord(target, this.client)).join(", ") || m.backtest_none();
      case "tasks": return this.counted(fate.tasks, (key) => clientBook.queueWord(this.client, key));
      case "dispatches": return this.counted(fate.orders, (id) => this.person(id));
      case "messages": return fate.held > 0 ? m.backtest_and_held({ count: fate.messages + fate.calls, held: fate.held }) : String(fate.messages + fate.calls);
      case "script_errors": return String(fate.script_errors);
      case "presence": return m.backtest_opened();
    }
  }

  /** Queues where these differ, else people. */
  private route(fate: Fate, other: Fate): string {
    const isOfQueues = fate.queue !== other.queue || fate.queues.join() !== other.queues.join();
    const way = isOfQueues
      ? fate.queues.map((key) => clientBook.queueWord(this.client, key))
      : [...fate.assignees, ...(fate.assignee && fate.assignees.at(-1) !== fate.assignee ? [fate.assignee] : [])].map((id) => this.person(id));
    return way.join(" → ") || m.backtest_none();
  }
  private person = (id: string) => this.row.people[id] ?? m.kit_unknown();
  private key = (key: string | null, word: (client: string, key: string) => string) => (key ? word(this.client, key) : m.backtest_none());
  private counted(counts: Record<string, number>, word: (key: string) => string): string {
    return Object.entries(counts).map(([key, count]) => (count > 1 ? `${word(key)} × ${count}` : word(key))).join(", ") || m.backtest_none();
  }
}
