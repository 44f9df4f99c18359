// Whose coverage is shown below the board, how it stands, and the way from gap to gap.
import { m } from "$m";
import { clientBook } from "../clients/book.svelte";
import { type DayCoverage, type Step, type Team, byDay, isMember, stretches } from "./coverage";
import { hand } from "./hand.svelte";
import { planner } from "./planner.svelte";
import { settings } from "./settings.svelte";
import { fullDayWords } from "./words";

/** Rows of coverage at once; a client or queue is chosen to see others. */
const TEAMS_MAX = 4;


interface Known extends Team {
  isDefault: boolean;
}
export interface TeamRow {
  team: Team;
  name: string;
  least: number;
  days: DayCoverage[];
}

class Coverage {
  readonly begins = $derived([...planner.days, (planner.days[planner.days.length - 1] ?? 0) + 1].map((day) => planner.zone.begin(day)));
  readonly teams: Known[] = $derived(chooseTeams());
  readonly rows: TeamRow[] = $derived(this.teams.map((team) => {
    const people = planner.workers.map((worker) => ({ worker, held: planner.held.get(worker.id) ?? { shifts: [], absences: [] } }));
    const least = settings.leastOf(team.client, team.queue) ?? leastUsual(team);
    const steps = stretches(people, team, this.begins[0]!, this.begins[this.begins.length - 1]!);
    const client = settings.client ? "" : `${clientBook.name(team.client)}: `;
    return { team, least, name: client + clientBook.queueWord(team.client, team.queue), days: byDay(steps, this.begins, least) };
  }));

  stepWords(step: Step): string {
    return settings.hoursOf({ start: step.from, end: step.to }, planner.zone);
  }

  /** What a day's cell says. */
  dayWords(day: DayCoverage): string {
    const counts = day.min === day.max ? m.roster_cover_same({ count: day.min }) : m.roster_cover({ min: day.min, max: day.max });
    const gaps = day.gaps.map((gap) => `${this.stepWords(gap)} (${gap.count})`).join(", ");
    return gaps ? `${counts}; ${m.roster_too_few({ hours: gaps })}` : counts;
  }

  /** To the next day with a gap, from where the focus is; after the last, the first again. */
  nextGap() {
    const from = hand.at.column;
    const found = this.rows.flatMap((row) => row.days.flatMap((day, column) => (day.gaps.length ? [{ row, day, column }] : [])));
    found.sort((one, other) => one.column - other.column);
    const next = found.find((one) => one.column > from) ?? found[0];
    if (!next) return void (planner.said = m.roster_no_gap());
    hand.go({ row: hand.at.row, column: next.column });
    planner.said = `${next.row.name}, ${fullDayWords(planner.days[next.column]!)}: ${this.dayWords(next.day)}`;
  }
}

/** Somebody must be there where tickets arrive around the clock; of others nothing is known until a number is set. */
function leastUsual(team: Known): number {
  const isAlwaysOpen = !planner.closed.some((day) => day.client === team.client);
  return team.isDefault && isAlwaysOpen ? 1 : 0;
}

function chooseTeams(): Known[] {
  const all = clientBook.all.flatMap((client) =>
    (client.pack?.queues ?? []).filter((queue) => queue.partner === null).map((queue) => ({ client: client.client, queue: queue.key, isDefault: queue.is_default })),
  );
  const wanted = all.filter((one) => (!settings.client || one.client === settings.client) && (!settings.queue || one.queue === settings.queue));
  const isPlanned = (team: Team) => planner.workers.some((worker) => isMember(worker, team) && planner.held.get(worker.id)?.shifts.length);
  const planned = wanted.filter(isPlanned);
  // Where tickets arrive comes first, then by how many are planned: there a gap is felt soonest.
  const people = (team: Team) => planner.workers.filter((worker) => isMember(worker, team) && planner.held.get(worker.id)?.shifts.length).length;
  planned.sort((one, other) => Number(other.isDefault) - Number(one.isDefault) || people(other) - people(one));
  return (planned.length ? planned : wanted.slice(0, settings.queue ? 1 : 0)).slice(0, TEAMS_MAX);
}

export const coverage = new Coverage();
