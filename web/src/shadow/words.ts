// The words of a shadow: how long it may stand, why it ended, and which commands only one version wanted.
import { m } from "$m";
import type { Ending, SaidCommand } from "../api/shadow";

/** Times that are offered, in hours; the longest is the server's limit. */
export const HOURS = [1, 8, 24, 3 * 24, 7 * 24, 14 * 24];
const DAY_HOURS = 24;

const ENDINGS: Record<Ending, () => string> = {
  time: m.shadow_ended_time, stopped: m.shadow_ended_stopped, published: m.shadow_ended_published,
  failures: m.shadow_ended_failures, slow: m.shadow_ended_slow, not_compiled: m.shadow_ended_not_compiled,
};

export const endingWord = (ending: Ending) => ENDINGS[ending]();

export function timeWord(hours: number): string {
  return hours < DAY_HOURS ? m.shadow_hours({ count: hours }) : m.shadow_days({ count: hours / DAY_HOURS });
}

const written = (one: SaidCommand) => JSON.stringify(one.command);

/** For each of `own`, whether the other side does not want the same; each of the other's answers for one. */
export function onlyHere(own: SaidCommand[], others: SaidCommand[]): boolean[] {
  const left = others.map(written);
  return own.map((one) => {
    const at = left.indexOf(written(one));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
