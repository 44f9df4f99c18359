// The list of tickets at hand: its pages, the row the keyboard is on, kept fresh by the live line.
import { ApiFailure } from "../api/failure";
import type { Page } from "../api/client";
import { type TicketRow, listTickets } from "../api/tickets";
import { type Filters, askedFor, queryOf } from "./filters";

/** Rows asked for at once. */
const PAGE_ROWS = 100;
/** A refresh reads at most as many rows as this; what lies deeper is read when scrolled to. */
const REFRESH_ROWS_MAX = 200;

class Inbox {
  rows = $state.raw<TicketRow[]>([]);
  next = $state.raw<string | null>(null);
  error = $state.raw<unknown>(null);
  isLoaded = $state(false);
  current = $state<string | null>(null);
  #filters: Filters = {};
  #turn = new AbortController();
  #isGrowing = false;

  get currentRow() {
    return this.rows.find((row) => row.id === this.current);
  }

  /** Whether the list at hand is this very one. */
  shows(filters: Filters) {
    return this.isLoaded && queryOf(filters) === queryOf(this.#filters);
  }

  async show(filters: Filters) {
    if (this.shows(filters)) return;
    this.#filters = filters;
    await this.refresh(PAGE_ROWS);
  }

  async refresh(limit = Math.min(REFRESH_ROWS_MAX, Math.max(PAGE_ROWS, this.rows.length))) {
    this.#turn.abort();
    const turn = (this.#turn = new AbortController());
    try {
      const list = await listTickets({ ...askedFor(this.#filters), limit: String(limit) }, turn.signal);
      if (turn.signal.aborted) return;
      this.rows = list.items;
      this.#took(list);
      if (!this.currentRow) this.current = this.rows[0]?.id ?? null;
    } catch (error) {
      if (!turn.signal.aborted) this.error = error;
    } finally {
      if (!turn.signal.aborted) this.isLoaded = true;
    }
  }

  async grow() {
    if (!this.next || this.#isGrowing) return;
    this.#isGrowing = true;
    const turn = this.#turn;
    try {
      const list = await listTickets({ ...askedFor(this.#filters), limit: String(PAGE_ROWS), cursor: this.next }, turn.signal);
      if (turn.signal.aborted) return;
      const known = new Set(this.rows.map((row) => row.id));
      this.rows = [...this.rows, ...list.items.filter((row) => !known.has(row.id))];
      this.#took(list);
    } catch (error) {
      if (error instanceof ApiFailure) this.error = error;
    } finally {
      this.#isGrowing = false;
    }
  }

  step(by: 1 | -1) {
    const at = this.rows.findIndex((row) => row.id === this.current);
    const next = this.rows[Math.min(this.rows.length - 1, Math.max(0, at + by))];
    if (next) this.current = next.id;
  }

  #took(list: Page<TicketRow>) {
    this.next = list.next;
    this.error = null;
  }
}

export const inbox = new Inbox();
