// Which tickets of the list are picked for one change of all of them.
import { SvelteSet } from "svelte/reactivity";
import type { TicketRow } from "../api/tickets";
import { inbox } from "./list.svelte";

class Selection {
  #ids = new SvelteSet<string>();
  #from: string | null = null;

  /** Picked rows that are still in the list: what cannot be seen is not changed. */
  get rows(): TicketRow[] {
    return inbox.rows.filter((row) => this.#ids.has(row.id));
  }
  get isWhole() {
    return inbox.rows.length > 0 && this.rows.length === inbox.rows.length;
  }
  has = (id: string) => this.#ids.has(id);

  toggle(id: string) {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#from = id;
  }
  /** Picks every row from the last one that was picked up to this one. */
  extend(id: string) {
    const ids = inbox.rows.map((row) => row.id);
    const [from, to] = [ids.indexOf(this.#from ?? id), ids.indexOf(id)].toSorted((a, b) => a - b);
    for (const one of ids.slice(Math.max(0, from ?? 0), (to ?? 0) + 1)) this.#ids.add(one);
    this.#from = id;
  }
  toggleAll() {
    if (this.isWhole) return this.clear();
    for (const row of inbox.rows) this.#ids.add(row.id);
  }
  clear() {
    this.#ids.clear();
    this.#from = null;
  }
}

export const selection = new Selection();
