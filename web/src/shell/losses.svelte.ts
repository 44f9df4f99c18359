// What published workflows still name of what a change took away: told by the answer to the change, shown until it is seen.
import type { Done } from "../api/client";

export interface Loss {
  client: string;
  client_name: string;
  name: string;
  file: string;
  line: number;
  column: number;
}

class Losses {
  lines = $state.raw<Loss[]>([]);

  /** Keeps what the answer warns of, and hands the answer on. */
  of(done: Done): Done {
    const lost = (done.warnings ?? []).filter((one) => one.is === "workflow_names");
    if (lost.length) this.lines = lost as unknown as Loss[];
    return done;
  }
  seen = () => (this.lines = []);
}

export const losses = new Losses();
