// Coverage: how many are on shift at each moment of the days, where too few are, and where shifts overlap.
import type { Worker } from "../api/roster";
import type { Away, Held, Placed } from "./board";

export interface Team {
  queue: string;
  client: string;
}
export interface Step {
  from: number;
  to: number;
  count: number;
}
export interface DayCoverage {
  min: number;
  max: number;
  steps: Step[];
  gaps: Step[];
}

export function isMember(worker: Worker, team: Team): boolean {
  return worker.memberships.some((own) => own.queue === team.queue && (own.client === null || own.client === team.client));
}

/** Whether the server counts the shift for the team; who is only on call is not there. */
export function countsFor(shift: Placed, team: Team): boolean {
  return (
    shift.kind.is !== "on_call" &&
    (shift.client === null || shift.client === team.client) &&
    (shift.queue === null || shift.queue === team.queue)
  );
}

/** The team's stretches over the period, each with the number of people who are there; absences are taken off. */
export function stretches(people: { worker: Worker; held: Held }[], team: Team, from: number, to: number): Step[] {
  const turns = new Map<number, number>();
  const turn = (at: number, by: number) => turns.set(at, (turns.get(at) ?? 0) + by);
  for (const { worker, held } of people) {
    if (!isMember(worker, team)) continue;
    for (const shift of held.shifts) {
      if (!countsFor(shift, team)) continue;
      for (const part of without(shift, held.absences)) {
        if (part.end <= from || part.start >= to) continue;
        turn(Math.max(part.start, from), 1);
        turn(Math.min(part.end, to), -1);
      }
    }
  }
  const steps: Step[] = [];
  let count = 0;
  let at = from;
  for (const [moment, by] of [...turns].sort(([one], [other]) => one - other)) {
    if (moment > at) push(steps, { from: at, to: moment, count });
    at = Math.max(at, moment);
    count += by;
  }
  if (at < to) push(steps, { from: at, to, count });
  return steps;
}

function push(steps: Step[], step: Step) {
  const last = steps[steps.length - 1];
  if (last && last.count === step.count && last.to === step.from) last.to = step.to;
  else steps.push(step);
}

function without(shift: Placed, absences: Away[]): { start: number; end: number }[] {
  let parts = [{ start: shift.start, end: shift.end }];
  for (const away of absences) {
    parts = parts.flatMap((part) =>
      [{ start: part.start, end: Math.min(part.end, away.start) }, { start: Math.max(part.start, away.end), end: part.end }]
        .filter((rest) => rest.start < rest.end),
    );
  }
  return parts;
}

/** The stretches cut by day. */
export function byDay(steps: Step[], begins: number[], atLeast: number): DayCoverage[] {
  const days: DayCoverage[] = [];
  let next = 0;
  for (let index = 0; index + 1 < begins.length; index += 1) {
    const from = begins[index]!;
    const to = begins[index + 1]!;
    while (next < steps.length && steps[next]!.to <= from) next += 1;
    const own: Step[] = [];
    for (let at = next; at < steps.length && steps[at]!.from < to; at += 1) {
      const step = steps[at]!;
      own.push({ from: Math.max(step.from, from), to: Math.min(step.to, to), count: step.count });
    }
    const counts = own.map((step) => step.count);
    days.push({
      min: counts.length ? Math.min(...counts) : 0, max: counts.length ? Math.max(...counts) : 0, steps: own,
      gaps: own.filter((step) => step.count < atLeast),
    });
  }
  return days;
}
