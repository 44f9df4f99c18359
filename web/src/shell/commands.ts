// What the palette offers: places, the shortcuts of the screen at hand, a ticket by number, a search.
import { m } from "$m";
import { keyCaps, shortcuts } from "../kit/shortcuts.svelte";
import { foldForSearch } from "../kit/text";
import { destinations, ownPlaces } from "./destinations";
import { router } from "./router.svelte";

export interface Command {
  label: string;
  hint?: string;
  run: () => void;
}

/** What a ticket number looks like: a prefix of letters and digits, a dash, a count. */
const TICKET_NUMBER = /^[\p{L}][\p{L}\d_-]*-\d+$/u;

export function commandsFor(words: string, folded: string): Command[] {
  const named = [...places(), ...actions()].filter((command) => foldForSearch(command.label).includes(folded));
  return words ? [...ticketCommands(words), ...named] : named;
}

function ticketCommands(words: string): Command[] {
  const find = {
    label: m.shell_find_tickets({ words }),
    run: () => router.go(`/inbox?q=${encodeURIComponent(words)}`),
  };
  if (!TICKET_NUMBER.test(words)) return [find];
  const number = words.toUpperCase();
  return [{ label: m.shell_open_ticket({ number }), run: () => router.go(`/tickets/${encodeURIComponent(number)}`) }, find];
}

function places(): Command[] {
  return [...destinations(), ...ownPlaces()].map((one) => ({
    label: m.shell_go_to({ place: one.label() }), run: () => router.go(one.path),
  }));
}

function actions(): Command[] {
  return shortcuts.active.filter((one) => one.name !== "palette").map((one) => ({
    label: one.label(), hint: keyCaps(shortcuts.keysOf(one)), run: () => one.run(new KeyboardEvent("keydown")),
  }));
}
