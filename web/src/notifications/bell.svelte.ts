// How many notifications are unread, and whether a timer runs: told at login, read again when one comes or it turns.
import { live } from "../api/live.svelte";
import { session } from "../shell/session.svelte";

class Bell {
  get unread() {
    return session.me?.unread ?? 0;
  }

  start(): () => void {
    return live.listen((changes) => {
      if (changes.some(({ kind }) => ["notification", "stopwatch", "everything"].includes(kind))) void session.ask();
    });
  }
}

export const bell = new Bell();
