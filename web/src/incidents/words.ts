// Words for major incidents: reasons of a likeness, what a round did, the text in the reader's language.
import { m } from "$m";
import type { IncidentTexts, Likeness, Round } from "../api/incidents";

export function reasonWord(reason: Likeness): string {
  switch (reason.why) {
    case "same_asset": return m.similar_same_asset();
    case "same_contact": return m.similar_same_contact();
    case "same_site": return m.similar_same_site();
    case "similar_text": return m.similar_text({ percent: String(reason.percent) });
  }
}

export function roundWord(round: Round): string {
  if (round.kind === "update") return m.incident_round_update({ count: round.reached });
  if (round.kind === "gather") return m.incident_round_gather({ count: round.reached });
  const left = round.left ? ` ${m.incident_round_left({ count: round.left })}` : "";
  const done = round.kind.startsWith("close") ? m.incident_round_close : m.incident_round_resolve;
  return done({ count: round.reached }) + left;
}

/** In the reader's language, else in the one there is. */
export function textFor(texts: IncidentTexts, language: "ru" | "en"): string {
  return texts[language] ?? texts.en ?? texts.ru ?? "";
}

/** Values with commas between them, as people write lists. */
export const splitList = (text: string): string[] => text.split(",").map((one) => one.trim()).filter(Boolean);
