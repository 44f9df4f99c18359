// Words for expectations and ladders: what is awaited, of what, and how it ended.
import { m } from "$m";
import type { Ladder, Stage } from "../api/tickets";
import { clientBook } from "../clients/book.svelte";
import { language } from "../kit/language.svelte";
import { moment } from "../kit/time";
import { stageWord } from "./words";

const ORDER_STAGES: readonly string[] = ["accepted", "on_the_way", "arrived", "done"];
const MILESTONES: Record<string, () => string> = {
  assigned: m.milestone_assigned,
  accepted: m.milestone_accepted,
  answered: m.milestone_answered,
  contact_answered: m.milestone_contact_answered,
  resolved: m.milestone_resolved,
  closed: m.milestone_closed,
  taken: m.milestone_taken,
  done: m.milestone_done,
  report: m.milestone_report,
};

/** The event of a ladder that was started. */
export interface StartedLadder {
  name: string;
  about: { kind: "ticket" | "order" | "task" };
  until: { kind: "stage"; stage: string } | { kind: "signal" };
  rungs: { function: string; at: string }[];
}
export type LadderStop =
  | { kind: "met" | "over" | "script" | "closed" }
  | { kind: "signal"; signal: string };

/** A name of the script, as people read it. */
export const plain = (name: string) => name.replaceAll("_", " ");

export function expectedWord(client: string, about: "ticket" | "order" | "task", stage: string): string {
  if (about === "order" && ORDER_STAGES.includes(stage)) return stageWord(stage as Stage);
  return MILESTONES[stage]?.() ?? clientBook.statusWord(client, stage);
}

export function aboutWords(client: string, about: Ladder["about"]): string {
  if (about.kind === "order") return m.ladder_about_order({ number: about.number });
  if (about.kind === "task") return clientBook.queueWord(client, about.department);
  return m.ladder_about_ticket();
}

export function ladderStarted(ladder: StartedLadder, client: string): string {
  const [first] = ladder.rungs;
  const words = { function: plain(first?.function ?? ""), time: moment(first?.at ?? "", Date.now(), language.current) };
  if (ladder.until.kind === "signal") return m.event_ladder_started({ name: plain(ladder.name), ...words });
  return m.event_ladder_expected({ stage: expectedWord(client, ladder.about.kind, ladder.until.stage), ...words });
}

export function ladderStopped(name: string, why: LadderStop): string {
  if (why.kind === "signal") return m.event_ladder_stopped_signal({ name, signal: plain(why.signal) });
  const words = {
    met: m.event_ladder_stopped_met,
    over: m.event_ladder_stopped_over,
    script: m.event_ladder_stopped_script,
    closed: m.event_ladder_stopped_closed,
  };
  return words[why.kind]({ name });
}
