// How many notifications are unread: told at login, read again when one comes.
import { live } from "../api/live.svelte";
import { session } from "../shell/session.svelte";

class Bell {
  get unread() {
    return session.me?.unread ?? 0;
  }

  start(): () => void {
    return live.listen((changes) => {
      if (changes.some(({ kind }) => kind === "notification" || kind === "everything")) void session.ask();
    });
  }
}

export const bell = new Bell();
