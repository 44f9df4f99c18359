// Why a candidate was not chosen, in words.
import { m } from "$m";
import { language } from "../kit/language.svelte";
import { moment } from "../kit/time";

export interface Rejection {
  person: string;
  reason: RejectionReason;
}
export interface RejectionReason {
  why: string;
  city?: string;
  grade?: number | null;
  certificate?: string;
  load?: number;
  capacity?: number;
  /** When the next shift begins; nothing: none is planned. */
  next_from?: string | null;
  /** When an absence ends. */
  until?: string;
  /** What the one who was chosen is better by. */
  by?: string;
}

const BETTER_BY: Record<string, () => string> = {
  on_call: m.outranked_on_call, asset: m.outranked_asset, grade: m.outranked_grade, load: m.outranked_load,
  turn: m.outranked_turn, order: m.outranked_order, client_specialist: m.outranked_client_specialist,
  product_specialist: m.outranked_product_specialist, technical_manager: m.outranked_technical_manager,
  city: m.outranked_city, territory: m.outranked_territory, distance: m.outranked_distance,
  unlocated: m.outranked_unlocated,
};
const time = (iso: string | undefined) => (iso ? moment(iso, Date.now(), language.current) : "");

export function rejectionWords(reason: RejectionReason): string {
  switch (reason.why) {
    case "not_an_engineer": return m.reject_not_an_engineer();
    case "may_not_serve": return m.reject_may_not_serve();
    case "off_duty": return m.reject_off_duty();
    case "off_shift":
      return reason.next_from ? m.reject_off_shift_until({ time: time(reason.next_from) }) : m.reject_off_shift();
    case "absent": return m.reject_absent({ time: time(reason.until) });
    case "other_city": return m.reject_other_city({ city: reason.city ?? "" });
    case "grade_too_low": return m.reject_grade_too_low({ grade: reason.grade ?? 0 });
    case "certificate_missing": return m.reject_certificate_missing({ certificate: reason.certificate ?? "" });
    case "no_common_language": return m.reject_no_common_language();
    case "excluded": return m.reject_excluded();
    case "at_capacity": return m.reject_at_capacity({ load: reason.load ?? 0, capacity: reason.capacity ?? 0 });
    case "outranked": return m.reject_outranked({ by: (BETTER_BY[reason.by ?? ""] ?? m.outranked_suits)(), load: reason.load ?? 0 });
    default: return reason.why.replaceAll("_", " ");
  }
}
