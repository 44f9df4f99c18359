// Why a candidate was not chosen, in words.
import { m } from "$m";

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
}

export function rejectionWords(reason: RejectionReason): string {
  switch (reason.why) {
    case "not_an_engineer": return m.reject_not_an_engineer();
    case "may_not_serve": return m.reject_may_not_serve();
    case "off_duty": return m.reject_off_duty();
    case "other_city": return m.reject_other_city({ city: reason.city ?? "" });
    case "grade_too_low": return m.reject_grade_too_low({ grade: reason.grade ?? 0 });
    case "certificate_missing": return m.reject_certificate_missing({ certificate: reason.certificate ?? "" });
    case "no_common_language": return m.reject_no_common_language();
    case "excluded": return m.reject_excluded();
    case "at_capacity": return m.reject_at_capacity({ load: reason.load ?? 0, capacity: reason.capacity ?? 0 });
    case "outranked": return m.reject_outranked({ load: reason.load ?? 0 });
    default: return reason.why.replaceAll("_", " ");
  }
}
