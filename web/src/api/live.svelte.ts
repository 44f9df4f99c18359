// The live line: the server says what changed, whoever shows it reads it again.
import { apiUrl } from "./client";

/** A short break is not worth a word; after this long the banner shows. */
const LOST_AFTER_MS = 3_000;
/** Changes that come in a burst are answered by one read. */
const GATHER_MS = 150;

export interface Change {
  seq: string;
  /** What changed: "ticket", "job", "client" and so on. */
  kind: string;
  id: string | null;
}
type Listener = (changes: Change[]) => void;

class Live {
  /** Since when there has been no connection; null while there is one. */
  lostAt = $state<string | null>(null);
  #source: EventSource | null = null;
  #listeners = new Set<Listener>();
  #gathered: Change[] = [];
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #losing: ReturnType<typeof setTimeout> | undefined;

  open(events: readonly string[]) {
    if (this.#source) return;
    const source = (this.#source = new EventSource(apiUrl("live")));
    source.onopen = () => this.#found();
    source.onerror = () => this.#lost();
    for (const name of ["message", ...events]) source.addEventListener(name, (event) => this.#heard(event));
  }

  close() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#losing);
    this.lostAt = null;
  }

  /** Call what it returns when the view goes. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #heard(event: MessageEvent<string>) {
    let change: Partial<Change> = {};
    try {
      change = JSON.parse(event.data) as Partial<Change>;
    } catch {
      return;
    }
    this.#gather({ seq: event.lastEventId, kind: event.type, id: null, ...change });
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

  #lost() {
    this.#losing ??= setTimeout(() => {
      this.lostAt ??= new Date().toISOString();
    }, LOST_AFTER_MS);
    if (this.#source?.readyState === EventSource.CLOSED) this.#reopenLater();
  }

  #reopenLater() {
    const source = this.#source;
    setTimeout(() => {
      if (this.#source !== source) return;
      this.#source = null;
      this.open(this.#names);
    }, LOST_AFTER_MS);
  }

  #names: readonly string[] = [];

  #found() {
    clearTimeout(this.#losing);
    this.#losing = undefined;
    if (this.lostAt === null) return;
    this.lostAt = null;
    this.#gather({ seq: "", kind: "everything", id: null });
  }
}

export const live = new Live();
