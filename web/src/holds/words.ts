// What a hold says in a person's language: which limit it met and what kinds of messages it has.
import { m } from "$m";
import type { HoldLine, HoldPart, HoldReason } from "../api/holds";
import { spoken } from "../clients/book.svelte";

const WHY: Record<HoldReason, (limit: number) => string> = {
  run: (limit) => m.hold_why_run({ limit }),
  handler_hour: (limit) => m.hold_why_handler_hour({ limit }),
  client_hour: (limit) => m.hold_why_client_hour({ limit }),
  desk_hour: (limit) => m.hold_why_desk_hour({ limit }),
};
const KINDS: Record<HoldPart["kind"], () => string> = {
  notice: m.hold_kind_notice, reply: m.hold_kind_reply, order_note: m.hold_kind_order_note, alarm: m.hold_kind_alarm,
};

export const whyWords = ({ why, limit }: HoldLine) => (limit === 0 ? m.hold_why_all() : WHY[why](limit));
/** An alarm has no template of the pack. */
export const partWords = ({ kind, template }: Pick<HoldPart, "kind" | "template">) =>
  template && kind !== "alarm" ? m.hold_template({ kind: KINDS[kind](), template: spoken(template) }) : KINDS[kind]();
export const outcomeWords = ({ sent, discarded }: HoldLine) =>
  [sent > 0 && m.hold_sent({ count: sent }), discarded > 0 && m.hold_discarded({ count: discarded })].filter(Boolean).join(", ");
/** Messages that the samples show. */
export const shownOf = ({ parts }: HoldLine) => parts.reduce((sum, part) => sum + part.samples.length, 0);
