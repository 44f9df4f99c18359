// The one clock that makes shown times move: a minute's accuracy is enough, so it ticks every 15 seconds.

const TICK_MS = 15_000;

class Now {
  ms = $state(Date.now());

  constructor() {
    if (typeof window === "undefined") return;
    setInterval(() => (this.ms = Date.now()), TICK_MS);
    document.addEventListener("visibilitychange", () => (this.ms = Date.now()));
  }
}

export const now = new Now();
