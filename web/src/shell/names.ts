// Names that are not messages: languages in their own words, roles by key.
import { m } from "$m";

export function languageName(locale: string): string {
  return ({ en: "English", ru: "Русский" } as Record<string, string>)[locale] ?? locale;
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
  partner_member: m.role_partner,
};

export const ROLE_KEYS = [
  "administrator", "supervisor", "dispatcher", "operator", "engineer", "controller", "department_member", "client_contact", "partner_member",
] as const;

export function roleName(role: string): string {
  return ROLES[role]?.() ?? role;
}
