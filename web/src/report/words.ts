// Words for reports of visits: their state, their papers, what is asked for and what is missing.
import { m } from "$m";
import type { Paper, PaperGiven, PaperKind, ReportState, ReportWanted, Verdict } from "../api/visitReports";
import { clientBook } from "../clients/book.svelte";
import type { Tone } from "../kit/tone";

type Word = () => string;

const STATES: Record<ReportState, Word> = {
  not_asked: m.report_title, awaited: m.report_state_awaited, handed_in: m.report_state_handed_in,
  accepted: m.report_state_accepted, returned: m.report_state_returned, waived: m.report_state_waived,
};
const TONES: Record<ReportState, Tone> = {
  not_asked: "neutral", awaited: "waiting", handed_in: "active", accepted: "on-time", returned: "at-risk", waived: "neutral",
};
const KINDS: Record<PaperKind, Word> = {
  photo: m.report_kind_photo, document: m.report_kind_document, signature: m.report_kind_signature,
};
const VERDICTS: Record<Verdict, Word> = {
  accepted: m.event_report_accepted, returned: m.event_report_returned, waived: m.event_report_waived,
};
const JUDGED: Record<Verdict, (by: { name: string }) => string> = {
  accepted: m.report_judged_accepted, returned: m.report_judged_returned, waived: m.report_judged_waived,
};

export const PAPER_KINDS: PaperKind[] = ["photo", "document", "signature"];
export const reportStateWord = (state: ReportState) => STATES[state]();
export const reportTone = (state: ReportState): Tone => TONES[state];
export const paperKindWord = (kind: PaperKind) => KINDS[kind]();
export const verdictWords = (verdict: Verdict) => VERDICTS[verdict]();
export const judgedWords = (verdict: Verdict, name: string) => JUDGED[verdict]({ name });

/** What a paper is: its document's name, else its kind. */
export const paperWord = (client: string, paper: Pick<Paper, "kind" | "document">) =>
  paper.document ? clientBook.documentWord(client, paper.document) : paperKindWord(paper.kind);

export function wantedWords(client: string, wanted: ReportWanted): string {
  return [
    wanted.photos > 0 && m.report_photos({ count: String(wanted.photos) }),
    ...wanted.documents.map((key) => clientBook.documentWord(client, key)),
    wanted.signatures > 0 && m.report_signatures({ count: String(wanted.signatures) }),
  ].filter(Boolean).join(", ");
}

/** What is still missing, as the server counts it; empty when nothing is. */
export function lackingWords(client: string, wanted: ReportWanted | null, papers: Pick<PaperGiven, "kind" | "document" | "text">[]): string {
  if (!wanted) return "";
  const photos = wanted.photos - papers.filter((one) => one.kind === "photo" && one.text?.trim()).length;
  const signatures = wanted.signatures - papers.filter((one) => one.kind === "signature").length;
  const documents = wanted.documents.filter((key) => !papers.some((one) => one.document === key));
  return [
    photos > 0 && m.report_lacks_photos({ count: String(photos) }),
    ...documents.map((key) => clientBook.documentWord(client, key)),
    signatures > 0 && m.report_lacks_signatures({ count: String(signatures) }),
  ].filter(Boolean).join(", ");
}
