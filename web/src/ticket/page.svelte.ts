// One ticket's page: what it shows, kept fresh, and how its changes are made without stepping on others'.
import { ApiFailure } from "../api/failure";
import { live } from "../api/live.svelte";
import { Action, Resource } from "../api/resource.svelte";
import { type TicketPage, readTicket } from "../api/tickets";

export class Page {
  readonly read: Resource<TicketPage>;
  /** Changes without a form of their own: the head shows why the last one was not made, until the next or until it is closed. */
  readonly head = new Action();
  #last = $state.raw(this.head);

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

  /** One change at a time, whichever form makes it. */
  get busy() {
    return this.#last.busy;
  }

  /**
   * Makes one change, then reads the page again; a stale version shows the newest state and says so. A form gives an
   * action of its own, so that its failure stands in it and nowhere else.
   */
  change = async (act: (ticket: TicketPage["ticket"]) => Promise<unknown>, action = this.head): Promise<boolean> => {
    const ticket = this.page?.ticket;
    if (!ticket || this.busy) return false;
    this.#last = action;
    this.head.error = null;
    return action.run(async () => {
      try {
        await act(ticket);
      } catch (error) {
        if (error instanceof ApiFailure && error.status === 409) await this.read.load();
        throw error;
      }
      await this.read.load();
    });
  };
}
