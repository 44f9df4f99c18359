// To whom a person belongs, in words.
import { m } from "$m";
import type { Affiliation } from "../api/people";

const KINDS: Record<Affiliation["kind"], () => string> = {
  staff: m.person_staff, partner: m.person_partner, contact: m.person_contact,
};
export const AFFILIATION_KINDS = ["staff", "partner", "contact"] as const;

export const affiliationKindWord = (kind: Affiliation["kind"]) => KINDS[kind]();
export const affiliationWord = (affiliation: Affiliation) => KINDS[affiliation.kind]();
