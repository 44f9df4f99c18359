// One ticket's page: what it shows, kept fresh, and how its changes are made without stepping on others'.
import { ApiFailure } from "../api/failure";
import { live } from "../api/live.svelte";
import { Resource } from "../api/resource.svelte";
import { type TicketPage, readTicket } from "../api/tickets";

export class Page {
  readonly read: Resource<TicketPage>;
  /** Why the last change was not made; shown at the head until the next one. */
  failure = $state.raw<unknown>(null);
  busy = $state(false);

  constructor(readonly number: string) {
    this.read = new Resource((signal) => readTicket(number, signal));
  }

  start(): () => void {
    void this.read.load();
    return live.listen((changes) => {
      const id = this.read.data?.ticket.id;
      if (changes.some((change) => change.kind === "everything" || (id && change.ticket === id))) void this.read.load();
    });
  }

  get page() {
    return this.read.data;
  }

  /** Makes one change, then reads the page again; a stale version shows the newest state and says so. */
  change = async (act: (ticket: TicketPage["ticket"]) => Promise<unknown>): Promise<boolean> => {
    const ticket = this.page?.ticket;
    if (!ticket || this.busy) return false;
    this.busy = true;
    this.failure = null;
    try {
      await act(ticket);
      await this.read.load();
      return true;
    } catch (error) {
      this.failure = error;
      if (error instanceof ApiFailure && error.status === 409) await this.read.load();
      return false;
    } finally {
      this.busy = false;
    }
  };
}
