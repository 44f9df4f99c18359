// Comparing a client's open tickets page by page, and counting them anew one after the other.
import { wordsFor } from "../api/failure";
import { type ClientRecount, type RecountLine, type RecountOffer, compareTickets, readOffer, recompute } from "../api/recount";
import { Resource } from "../api/resource.svelte";

export interface Refused {
  number: string;
  ticket: string;
  why: string;
}

/** What the difference comes to, in tickets. */
export interface Sums {
  changed: number;
  /** Go by the other version, and nothing of them differs now. */
  same: number;
  impossible: number;
  newlyOverdue: number;
  overdueNoMore: number;
}

const overdue = (line: RecountLine, side: "before" | "after") => line.clocks.some((clock) => clock[side]?.is_breached);

export function sumsOf(lines: RecountLine[]): Sums {
  const count = (is: (line: RecountLine) => boolean) => lines.filter(is).length;
  return {
    changed: count((line) => line.clocks.length > 0), same: count((line) => line.clocks.length === 0 && line.obstacles.length === 0),
    impossible: count((line) => line.obstacles.length > 0),
    newlyOverdue: count((line) => overdue(line, "after") && !overdue(line, "before")),
    overdueNoMore: count((line) => overdue(line, "before") && !overdue(line, "after")),
  };
}

export class RecountPage {
  readonly offer: Resource<RecountOffer>;
  lines = $state.raw<RecountLine[]>([]);
  lookedAt = $state(0);
  isComparing = $state(false);
  isCompared = $state(false);
  error = $state.raw<unknown>(null);
  /** How many were counted anew; nothing: nobody asked for it. */
  done = $state<number | null>(null);
  isApplying = $state(false);
  refused = $state.raw<Refused[]>([]);
  #turn = new AbortController();

  constructor(readonly client: string) {
    this.offer = new Resource((signal) => readOffer(client, signal));
  }

  readonly sums = $derived(sumsOf(this.lines));
  readonly possible = $derived(this.lines.filter((line) => line.obstacles.length === 0));

  /** Reads everything anew; another call, or leaving, ends it. */
  async compare() {
    this.leave();
    const turn = (this.#turn = new AbortController());
    Object.assign(this, { lines: [], lookedAt: 0, isComparing: true, isCompared: false, error: null, done: null, refused: [] });
    await this.offer.load();
    const to = this.offer.data?.version;
    try {
      if (!to) return;
      for (let after: string | null = ""; after !== null && !turn.signal.aborted; ) {
        const page: ClientRecount = await compareTickets(this.client, to, after, turn.signal);
        if (turn.signal.aborted) return;
        this.lines = [...this.lines, ...page.lines];
        this.lookedAt += page.looked_at;
        after = page.next;
      }
      this.isCompared = true;
    } catch (error) {
      if (!turn.signal.aborted) this.error = error;
    } finally {
      if (!turn.signal.aborted) this.isComparing = false;
    }
  }

  /** To the version that was shown, whatever is published meanwhile. */
  async apply() {
    const to = this.offer.data?.version;
    if (!to || this.isApplying) return;
    this.isApplying = true;
    this.done = 0;
    const refused: Refused[] = [];
    const left: RecountLine[] = [];
    for (const line of this.possible) {
      try {
        await recompute(line.ticket, to);
        this.done += 1;
      } catch (error) {
        left.push(line);
        refused.push({ number: line.number, ticket: line.ticket, why: wordsFor(error) });
      }
    }
    this.lines = [...left, ...this.lines.filter((line) => line.obstacles.length > 0)];
    this.refused = refused;
    this.isApplying = false;
    await this.offer.load();
  }

  leave() {
    this.#turn.abort();
  }
}
