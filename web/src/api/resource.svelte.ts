// What a view reads from the server: loading, there, or failed; read again when the desk says it changed.

export class Resource<T> {
  data = $state.raw<T>();
  error = $state.raw<unknown>(null);
  busy = $state(false);
  #read: (signal: AbortSignal) => Promise<T>;
  #turn = new AbortController();

  constructor(read: (signal: AbortSignal) => Promise<T>) {
    this.#read = read;
  }

  /** Nothing to show yet, and no failure: the moment for a skeleton. */
  get isFirstLoad() {
    return this.data === undefined && this.error === null;
  }

  async load(): Promise<void> {
    this.#turn.abort();
    const turn = (this.#turn = new AbortController());
    this.busy = true;
    try {
      const data = await this.#read(turn.signal);
      if (turn.signal.aborted) return;
      this.data = data;
      this.error = null;
    } catch (error) {
      if (!turn.signal.aborted) this.error = error;
    } finally {
      if (!turn.signal.aborted) this.busy = false;
    }
  }
}

/** One action at a time with its failure beside the button that caused it. */
export class Action {
  busy = $state(false);
  error = $state.raw<unknown>(null);

  /** True when it went through. */
  async run(act: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      await act();
      return true;
    } catch (error) {
      this.error = error;
      return false;
    } finally {
      this.busy = false;
    }
  }
}
