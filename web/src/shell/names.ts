// Names that are not messages: languages in their own words, roles by key.
import { m } from "$m";
import type { Locale } from "../kit/language.svelte";

export function languageName(locale: Locale): string {
  return { en: "English", ru: "Русский" }[locale];
}

const ROLES: Record<string, () => string> = {
  administrator: m.role_administrator,
  supervisor: m.role_supervisor,
  dispatcher: m.role_dispatcher,
  operator: m.role_operator,
  engineer: m.role_engineer,
  controller: m.role_controller,
  department_member: m.role_department_member,
  client_contact: m.role_contact,
  contact: m.role_contact,
  partner: m.role_partner,
};

export const ROLE_KEYS = [
  "administrator", "supervisor", "dispatcher", "operator", "engineer", "controller", "department_member",
] as const;

export function roleName(role: string): string {
  return ROLES[role]?.() ?? role;
}
