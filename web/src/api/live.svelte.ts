// The live line: the server says what changed, whoever shows it reads it again.
import { apiUrl } from "./client";

/** A short break is not worth a word; after this long the banner shows. */
const LOST_AFTER_MS = 3_000;
/** After the server hung up: how long to wait before the next call. */
const CALL_AGAIN_MS = 3_000;
/** The server has as many listeners of one person as it takes: it is asked again after this long. */
const CROWDED_CALL_AGAIN_MS = 30_000;
const TOO_MANY_REQUESTS = 429;
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
  /** The server answers, but this person has too many pages open. */
  isCrowded = $state(false);
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
    this.isCrowded = false;
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
    if (source.readyState === EventSource.CLOSED) void this.#refused(source);
  }

  /** An EventSource does not tell why it was refused: the same request, given up at once, does. */
  async #refused(source: EventSource) {
    const turn = new AbortController();
    try {
      const answer = await fetch(apiUrl("live"), { signal: turn.signal, credentials: "same-origin" });
      this.isCrowded = answer.status === TOO_MANY_REQUESTS;
    } catch {
      this.isCrowded = false;
    } finally {
      turn.abort();
    }
    this.#hungUp(source, this.isCrowded ? CROWDED_CALL_AGAIN_MS : CALL_AGAIN_MS);
  }

  #hungUp(source: EventSource, callAgainMs = CALL_AGAIN_MS) {
    source.close();
    setTimeout(() => {
      if (this.#source !== source) return;
      this.#source = null;
      this.open();
    }, callAgainMs);
  }

  #found() {
    clearTimeout(this.#losing);
    this.#losing = undefined;
    this.isCrowded = false;
    if (this.lostAt === null) return;
    this.lostAt = null;
    this.#gather(EVERYTHING);
  }
}

export const live = new Live();
