// Who is logged in, and what that person may see; the one place that asks.
import * as api from "../api/session";
import type { Me } from "../api/session";
import { ApiFailure } from "../api/failure";
import { live } from "../api/live.svelte";

class Session {
  me = $state.raw<Me | null>(null);
  state = $state<"asking" | "out" | "in" | "set-up" | "failed">("asking");
  failure = $state.raw<unknown>(null);

  get may() {
    return this.me?.may;
  }

  get id() {
    return this.me?.person.id ?? "";
  }

  /** One of us; others are a partner's people and clients' contacts, who see their part only. */
  get isStaff() {
    return this.me?.person.affiliation.kind === "staff";
  }
  /** Whether lists and tickets show what only we see: whose hands, which deadline, why. */
  get seesInternals() {
    return this.me?.scope.sees_internals ?? false;
  }
  get isContact() {
    return this.me?.person.affiliation.kind === "contact";
  }

  /** Whether the person administers this client. */
  administers(client: string): boolean {
    const reach = this.me?.scope.administers;
    return !!reach && (reach.all || reach.clients.includes(client));
  }

  /** Whether the person supervises this client: keeps its roster, and whose its foreign log-ins are. */
  supervises(client: string): boolean {
    const reach = this.me?.scope.supervises;
    return !!reach && (reach.all || reach.clients.includes(client));
  }
  get supervisesAll() {
    return this.me?.scope.supervises.all ?? false;
  }
  get supervisesAny() {
    return this.supervisesAll || (this.me?.scope.supervises.clients.length ?? 0) > 0;
  }

  async ask() {
    try {
      this.me = await api.me();
      this.state = "in";
      live.open();
    } catch (error) {
      this.me = null;
      if (error instanceof ApiFailure && error.status === 401) this.state = "out";
      else if (this.state === "asking") {
        this.failure = error;
        this.state = "failed";
      }
    }
  }

  async logOut() {
    await api.logOut();
    live.close();
    this.me = null;
    this.state = "out";
  }
}

export const session = new Session();
