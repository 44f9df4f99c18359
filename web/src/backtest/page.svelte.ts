// A client's back-test: the last one, watched while it runs, and the tickets that differ in it.
import {
  type BacktestPage, type BacktestTicket, type DifferenceKind, type Survey, cancelBacktest, listDifferences, readBacktest,
  startBacktest, surveyWindow,
} from "../api/backtest";
import { Action, Resource } from "../api/resource.svelte";

/** How often somebody who waits is told how far it is. */
const ASK_EVERY_MS = 1_000;

/** The client's last back-test; `null`: there was none, or it is forgotten. */
export function lastBacktest(client: string): Resource<BacktestPage | null> {
  return new Resource((signal) => readBacktest(client, signal));
}

export class BacktestScreen {
  readonly last: Resource<BacktestPage | null>;
  readonly survey: Resource<Survey>;
  readonly action = new Action();
  readonly listing = new Action();
  kind = $state<DifferenceKind | "">("");
  rows = $state.raw<BacktestTicket[]>([]);
  window = $state.raw<{ from: string; to: string } | null>(null);
  #next: string | null = null;
  #listed = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly client: string) {
    this.last = lastBacktest(client);
    this.survey = new Resource((signal) => surveyWindow(client, this.window?.from ?? null, this.window?.to ?? null, signal));
  }

  get isRunning() {
    return this.last.data?.state === "running";
  }

  /** Reads, and reads again until it has ended. */
  load = async () => {
    clearTimeout(this.#timer);
    await this.last.load();
    if (this.isRunning || (this.last.data === undefined && this.last.error)) this.#timer = setTimeout(() => void this.load(), ASK_EVERY_MS);
    else await this.list();
  };

  leave = () => clearTimeout(this.#timer);

  start = (from: string, to: string) =>
    this.action.run(async () => {
      this.last.data = await startBacktest(this.client, from, to);
      this.rows = [];
      this.#timer = setTimeout(() => void this.load(), ASK_EVERY_MS / 4);
    });

  cancel = () =>
    this.action.run(async () => {
      this.last.data = await cancelBacktest(this.client);
      await this.load();
    });

  choose(kind: DifferenceKind | "") {
    this.kind = kind;
    void this.list();
  }

  /** The first page of what differs, anew. */
  async list() {
    this.rows = [];
    this.#next = null;
    if (this.last.data?.report?.totals.tickets) await this.more(true);
  }

  more = async (isFirst = false) => {
    if (!isFirst && (!this.#next || this.listing.busy)) return;
    const asked = (this.#listed = `${this.last.data?.started_at} ${this.kind}`);
    const read = async () => {
      const page = await listDifferences(this.client, this.kind, this.#next);
      if (asked !== this.#listed) return;
      this.rows = [...this.rows, ...page.items];
      this.#next = page.next;
    };
    if (this.listing.busy) await read();
    else await this.listing.run(read);
  };
}
