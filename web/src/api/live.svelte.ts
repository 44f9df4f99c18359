// The live line: the server says what changed, whoever shows it reads it again.
import { apiUrl } from "./client";

/** A short break is not worth a word; after this long the banner shows. */
const LOST_AFTER_MS = 3_000;
/** After the server hung up: how long to wait before the next call. */
const CALL_AGAIN_MS = 3_000;
/** Changes that come in a burst are answered by one read. */
const GATHER_MS = 150;

export interface Change {
  seq: number;
  client: string | null;
  ticket: string | null;
  /** The event's name for a ticket; else "client", "person", "pack", "job", "notification", "plugin"; "everything": read all again. */
  kind: string;
}
type Listener = (changes: Change[]) => void;

const EVERYTHING: Change = { seq: 0, client: null, ticket: null, kind: "everything" };

class Live {
  /** Since when there has been no connection; null while there is one. */
  lostAt = $state<string | null>(null);
  #source: EventSource | null = null;
  #listeners = new Set<Listener>();
  #gathered: Change[] = [];
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #losing: ReturnType<typeof setTimeout> | undefined;

  open() {
    if (this.#source) return;
    const source = (this.#source = new EventSource(apiUrl("live")));
    source.onopen = () => this.#found();
    source.onerror = () => this.#lost(source);
    source.addEventListener("change", (event: MessageEvent<string>) => this.#gather(JSON.parse(event.data) as Change));
    source.addEventListener("stale", () => this.#gather(EVERYTHING));
    source.addEventListener("bye", () => this.#hungUp(source));
  }

  close() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#losing);
    this.#losing = undefined;
    this.lostAt = null;
  }

  /** Call what it returns when the view goes. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #gather(change: Change) {
    this.#gathered.push(change);
    this.#gathering ??= setTimeout(() => {
      const changes = this.#gathered;
      this.#gathered = [];
      this.#gathering = undefined;
      for (const listener of this.#listeners) listener(changes);
    }, GATHER_MS);
  }

  #lost(source: EventSource) {
    this.#losing ??= setTimeout(() => (this.lostAt ??= new Date().toISOString()), LOST_AFTER_MS);
    if (source.readyState === EventSource.CLOSED) this.#hungUp(source);
  }

  #hungUp(source: EventSource) {
    source.close();
    setTimeout(() => {
      if (this.#source !== source) return;
      this.#source = null;
      this.open();
    }, CALL_AGAIN_MS);
  }

  #found() {
    clearTimeout(this.#losing);
    this.#losing = undefined;
    if (this.lostAt === null) return;
    this.lostAt = null;
    this.#gather(EVERYTHING);
  }
}

export const live = new Live();
