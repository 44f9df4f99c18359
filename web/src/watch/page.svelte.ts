// What the supervisor's page shows: read again when the desk says so, and how old it is.
import { untrack } from "svelte";
import { live } from "../api/live.svelte";
import { Resource } from "../api/resource.svelte";
import { type SupervisorPage, readSupervision } from "../api/watch";

/** Changes come in crowds: one reading serves all of so many milliseconds. */
const GATHER_MS = 2_000;
/** Without a change, deadlines still pass. */
const REFRESH_MS = 30_000;
/** What is older than this must not be taken for the present. */
export const STALE_MS = 90_000;
const TICK_MS = 5_000;

export class Supervision {
  client = $state("");
  /** By the browser's own clock, so that a clock which differs from the server's does not matter. */
  readAt = $state(0);
  ageMs = $state(0);
  page = new Resource<SupervisorPage>(async (signal) => {
    const page = await readSupervision(untrack(() => this.client), signal);
    this.readAt = Date.now();
    this.ageMs = 0;
    return page;
  });
  #waiting: ReturnType<typeof setTimeout> | undefined;

  get isStale() {
    return this.page.data !== undefined && this.ageMs > STALE_MS;
  }

  start(): () => void {
    void this.page.load();
    const refresh = setInterval(() => void this.page.load(), REFRESH_MS);
    const tick = setInterval(() => (this.ageMs = this.readAt ? Date.now() - this.readAt : 0), TICK_MS);
    const deaf = live.listen((changes) => {
      if (changes.some((one) => one.ticket || one.kind === "alarm" || one.kind === "roster" || one.kind === "everything")) this.#soon();
    });
    return () => {
      clearInterval(refresh);
      clearInterval(tick);
      clearTimeout(this.#waiting);
      deaf();
    };
  }

  #soon() {
    this.#waiting ??= setTimeout(() => {
      this.#waiting = undefined;
      void this.page.load();
    }, GATHER_MS);
  }
}

/** The rows that the counts of the page are of. */
export const WAITING = { assignee: "none", is_waiting: "false" };
export const AT_RISK = { is_at_risk: "true", sort: "due" };
export const OVERDUE = { is_overdue: "true", sort: "due" };

/** The inbox with the rows behind a number. */
export function rowsBehind(query: Record<string, string | null>): string {
  const words = new URLSearchParams({ phase: "active" });
  for (const [name, value] of Object.entries(query)) if (value) words.set(name, value);
  return `/inbox?${words}`;
}
