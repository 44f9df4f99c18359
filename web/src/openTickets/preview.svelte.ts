// What moving the open tickets would do, read page by page; nothing is saved.
import { type AskMove, type MoveLine, type MoveSums, previewMove } from "../api/openTickets";

export const NO_SUMS: MoveSums = {
  looked_at: 0, moved: 0, stayed: 0, clocks_changed: 0, breaches_gained: 0, breaches_lost: 0, meaning_changed: 0, coverage_changed: 0,
};

export function added(one: MoveSums, other: MoveSums): MoveSums {
  const keys = Object.keys(NO_SUMS) as (keyof MoveSums)[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + other[key]])) as unknown as MoveSums;
}

/** Whether the status means something else by the other version. */
export const meansElse = ({ meaning_before: before, meaning_after: after }: MoveLine) =>
  before?.phase !== after?.phase || before?.waits_for !== after?.waits_for;

export class Preview {
  lines = $state.raw<MoveLine[]>([]);
  sums = $state.raw<MoveSums>(NO_SUMS);
  open = $state(0);
  isLooking = $state(false);
  /** Every open ticket was looked at. */
  isThrough = $state(false);
  error = $state.raw<unknown>(null);
  #turn = new AbortController();

  constructor(
    readonly client: string,
    /** What is asked for; may save the draft first. */
    private ask: () => Promise<AskMove>,
  ) {}

  readonly staying = $derived(this.lines.filter((line) => line.obstacles.length > 0));
  readonly moving = $derived(this.lines.filter((line) => line.obstacles.length === 0));

  /** Looks anew; another call, or leaving, ends it. */
  async look() {
    this.leave();
    const turn = (this.#turn = new AbortController());
    Object.assign(this, { lines: [], sums: NO_SUMS, open: 0, isLooking: true, isThrough: false, error: null });
    try {
      const ask = await this.ask();
      for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
        const page = await previewMove(this.client, ask, after, turn.signal);
        if (turn.signal.aborted) return;
        this.lines = [...this.lines, ...page.lines];
        this.sums = added(this.sums, page.sums);
        this.open = page.open;
        after = page.next;
      }
      this.isThrough = true;
    } catch (error) {
      if (!turn.signal.aborted) this.error = error;
    } finally {
      if (!turn.signal.aborted) this.isLooking = false;
    }
  }

  leave() {
    this.#turn.abort();
  }
}
