// To whom a person belongs, and what somebody is a specialist of, in words.
import { m } from "$m";
import type { Affiliation } from "../api/people";
import type { Speciality, SpecialistLine } from "../api/specialists";
import { clientBook } from "../clients/book.svelte";

const KINDS: Record<Affiliation["kind"], () => string> = {
  staff: m.person_staff, partner: m.person_partner, contact: m.person_contact,
};
export const AFFILIATION_KINDS = ["staff", "partner", "contact"] as const;

export const affiliationKindWord = (kind: Affiliation["kind"]) => KINDS[kind]();
export const affiliationWord = (affiliation: Affiliation) => KINDS[affiliation.kind]();

const SPECIALITY_KINDS: Record<Speciality["is"], () => string> = {
  technical_manager: m.specialist_manager, client: m.specialist_client, category: m.specialist_category, model: m.asset_model,
};
export const SPECIALITIES = ["client", "technical_manager", "category", "model"] as const;

export const specialityKindWord = (kind: Speciality["is"]) => SPECIALITY_KINDS[kind]();

/** "Technical manager: Bank A"; with the client's name where the page is not that client's. */
export function specialityWord({ of, client, sub_client }: SpecialistLine, withClient: boolean): string {
  const own = of.is === "model" ? of.model : of.is === "category" ? clientBook.categoryWord(of.client, of.category) : (sub_client?.name ?? "");
  const whose = withClient || of.is === "model" ? (client?.name ?? m.directory_every_client()) : "";
  const details = [whose, own].filter(Boolean).join(", ");
  return details ? `${specialityKindWord(of.is)}: ${details}` : specialityKindWord(of.is);
}
