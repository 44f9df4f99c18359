// What can still be undone: an action is delayed for some seconds, and a toast offers to take it back.

export const UNDO_MS = 10_000;

export interface Pending {
  id: number;
  text: string;
  until: number;
  undo: () => void;
  /** Does it at once, before the page goes away. */
  now: () => void;
}

class Undo {
  pending = $state<Pending[]>([]);
  #next = 1;

  /** Runs `act` after ten seconds unless the person takes it back; `back` restores what was typed. */
  later(text: string, act: () => void, back: () => void) {
    const id = this.#next++;
    const drop = () => (this.pending = this.pending.filter((one) => one.id !== id));
    const fire = () => {
      clearTimeout(timer);
      drop();
      act();
    };
    const timer = setTimeout(fire, UNDO_MS);
    const undo = () => {
      clearTimeout(timer);
      drop();
      back();
    };
    this.pending.push({ id, text, until: Date.now() + UNDO_MS, undo, now: fire });
  }

  /** The page goes away: what waits is done now. */
  flush() {
    for (const one of [...this.pending]) one.now();
  }
}

export const undo = new Undo();
