// The words of alarms: what kind, and its figures.
import { m } from "$m";
import type { AlarmKind, AlarmLine } from "../api/watch";

const KINDS: Record<AlarmKind, () => string> = {
  spike: m.watch_spike, silence: m.watch_silence, depth: m.watch_depth, oldest: m.watch_oldest_alarm,
};

export const kindWord = (kind: AlarmKind) => KINDS[kind]();

/** Whole where it is not small. */
export function rounded(number: number): string {
  return number >= 10 || Number.isInteger(number) ? number.toFixed(0) : number.toFixed(1);
}

export function figures(alarm: AlarmLine): string {
  const expected = rounded(alarm.expected);
  const minutes = Math.floor((Date.parse(alarm.raised_at) - Date.parse(alarm.since)) / 60_000);
  switch (alarm.kind) {
    case "spike": return m.watch_spike_figures({ observed: alarm.observed, expected, minutes });
    case "silence": return m.watch_silence_figures({ expected, minutes });
    case "depth": return m.watch_depth_figures({ observed: alarm.peak, expected });
    case "oldest": return m.watch_oldest_figures({ observed: alarm.peak, expected });
  }
}
