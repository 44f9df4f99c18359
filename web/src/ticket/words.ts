// Words for the closed lists of the desk: phases, levels, stages, links, reasons.
import { m } from "$m";
import type { Level, LinkKind, Phase, Stage, WaitsFor } from "../api/types";
import { clientBook, spoken } from "../clients/book.svelte";
import type { Tone } from "../kit/tone";

type Word = () => string;

const PHASES: Record<string, Word> = {
  new: m.phase_new, open: m.phase_open, resolved: m.phase_resolved, closed: m.phase_closed, active: m.phase_unclosed,
};
const WAITS: Record<WaitsFor, Word> = {
  client: m.waits_client, part: m.waits_part, approval: m.waits_approval, third_party: m.waits_third_party,
};
const LEVELS: Record<Level, Word> = { high: m.level_high, medium: m.level_medium, low: m.level_low };
const STAGES: Record<Stage, Word> = {
  offered: m.stage_offered, accepted: m.stage_accepted, on_the_way: m.stage_on_the_way, arrived: m.stage_arrived,
  done: m.stage_done, refused: m.stage_refused, could_not: m.stage_could_not, cancelled: m.stage_cancelled,
  no_show: m.stage_no_show,
};
const LINKS: Record<LinkKind, [Word, Word]> = {
  child_of: [m.link_child_of, m.link_parent_of],
  duplicate_of: [m.link_duplicate_of, m.link_duplicated_by],
  caused_by: [m.link_caused_by, m.link_causes],
  related: [m.link_related, m.link_related],
};
const TARGETS: Record<string, Word> = {
  first_response: m.sla_first_response, next_response: m.sla_next_response, resolution: m.sla_resolution,
};
const PRIORITIES: Word[] = [m.priority_1, m.priority_2, m.priority_3, m.priority_4, m.priority_5];

/** What is written to the client's side: for them it is no "reply to the client". */
export const replyWord = (may: { comment_internally: boolean }) =>
  may.comment_internally ? m.ticket_reply_to_client() : m.ticket_message();

export const LEVEL_KEYS: Level[] = ["high", "medium", "low"];
export const LINK_KEYS: LinkKind[] = ["related", "child_of", "duplicate_of", "caused_by"];

export const phaseWord = (phase: string) => PHASES[phase]?.() ?? phase;
export const waitsForWord = (who: WaitsFor) => WAITS[who]();
export const levelWord = (level: Level) => LEVELS[level]();
export const stageWord = (stage: Stage) => STAGES[stage]?.() ?? stage;
export const priorityWord = (priority: number) => PRIORITIES[priority - 1]?.() ?? String(priority);
/** A named target, or the key of a stage. */
export const targetWord = (target: string, client?: string) =>
  TARGETS[target]?.() ?? (client ? clientBook.ticketStageWord(client, target) : spoken(target));

/** Read from the ticket that carries the link ("to"), or from the other one ("from"). */
export const linkWord = (kind: LinkKind, direction: "to" | "from") => LINKS[kind][direction === "to" ? 0 : 1]();

export function toneOf(phase: Phase, waitsFor: WaitsFor | null): Tone {
  if (waitsFor && phase !== "closed") return "waiting";
  if (phase === "resolved") return "on-time";
  return phase === "open" ? "active" : "neutral";
}

export function stageTone(stage: Stage): Tone {
  if (stage === "done") return "on-time";
  if (stage === "refused" || stage === "could_not" || stage === "no_show") return "at-risk";
  if (stage === "offered") return "waiting";
  return stage === "cancelled" ? "neutral" : "active";
}
