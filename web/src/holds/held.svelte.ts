// What waits beyond the budget of scripts, of one client or of all whom the person supervises; read again when it changes.
import { type HoldLine, listHolds } from "../api/holds";
import { live } from "../api/live.svelte";
import { Resource } from "../api/resource.svelte";

export class Held {
  read: Resource<{ items: HoldLine[] }>;
  constructor(readonly client?: string) {
    this.read = new Resource(() => listHolds(client));
  }

  get #all() {
    return this.read.data?.items ?? [];
  }
  /** A person must decide, or has decided and they go out in turns. */
  get waiting() {
    return this.#all.filter((one) => !one.finished_at);
  }
  get past() {
    return this.#all.filter((one) => one.finished_at);
  }

  /** Messages of which a person must decide. */
  countOf(client?: string): number {
    const own = this.waiting.filter((one) => one.state === "open" && (!client || one.client === client));
    return own.reduce((sum, one) => sum + one.held, 0);
  }

  /** Call what it returns when the view goes. */
  start(): () => void {
    void this.read.load();
    return live.listen((changes) => {
      const concerns = changes.some(
        ({ kind, client }) => kind === "everything" || (kind === "hold" && (!this.client || client === this.client)),
      );
      if (concerns) void this.read.load();
    });
  }
}
