// Who was faster: what others did to the shifts that somebody wanted to change.
import { m } from "$m";
import type { RosterChange } from "../api/roster";
import { language } from "../kit/language.svelte";
import { wallClock } from "../kit/time";
import type { Held, Placed, Row } from "./board";
import { settings } from "./settings.svelte";

interface Told {
  person: string;
  start: number;
  text: string;
}

/** Of the shifts that a change names by the version that was seen: what they were, what they are, by whom. */
export function changedSince(change: RosterChange, before: Map<string, Held>, now: Map<string, Held>, rows: Row[]): Told[] {
  const was = new Map([...before.values()].flatMap((held) => held.shifts).map((shift) => [shift.id, shift]));
  const is = new Map([...now.values()].flatMap((held) => held.shifts).map((shift) => [shift.id, shift]));
  const named = [...change.put_shifts, ...change.remove_shifts].flatMap((one) => (one.id ? [one.id] : []));
  return named.flatMap((id) => {
    const seen = was.get(id);
    const current = is.get(id);
    if (!seen || (current && current.version === seen.version)) return [];
    return [{ person: seen.person, start: seen.start, text: wordsOf(seen, current, rows) }];
  });
}

function wordsOf(seen: Placed, current: Placed | undefined, rows: Row[]): string {
  const zone = rows.find((row) => row.worker.id === seen.person)?.zone;
  const hours = (shift: Placed) => (zone ? settings.hoursOf(shift, zone) : "");
  if (!current) return m.roster_removed_meanwhile({ was: hours(seen) });
  const by = current.changed_by?.name ?? m.roster_somebody();
  const at = current.changed_at && zone ? wallClock(Date.parse(current.changed_at), language.current, zone.name) : "";
  const person = current.person === seen.person ? "" : (rows.find((row) => row.worker.id === current.person)?.worker.name ?? "");
  const is = [hours(current), person].filter(Boolean).join(", ");
  return m.roster_changed_meanwhile({ by, at, was: hours(seen), is });
}
