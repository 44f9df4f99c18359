// What a hand-over or a gate asks for, by the client's published pack; the server has the last word.
import type { Asked, Field, Pack } from "../api/clients";
import { ApiFailure } from "../api/failure";
import type { Fields } from "../api/tickets";

export interface Wanted {
  key: string;
  isRequired: boolean;
  hint?: Asked["hint"];
}
/** What is typed or chosen, by key; nothing empties a field. */
export type Given = Record<string, unknown>;
/** What the ticket has. */
export interface Known {
  category: string | null;
  contact: string | null;
  site: string | null;
  asset: string | null;
  fields: Fields;
}

export const PLACES = ["contact", "site", "asset"];

/** Sending back to a lower line asks for nothing. */
export function formFor(pack: Pack | null | undefined, from: string | null, to: string, category: string | null): Wanted[] {
  const level = (key: string | null) => pack?.queues.find((one) => one.key === key)?.level;
  const [lower, own] = [level(to), level(from)];
  if (!pack || (lower != null && own != null && lower < own)) return [];
  const forms = pack.hand_over_forms.filter((form) =>
    (!form.to.length || form.to.includes(to)) && (!form.categories.length || (category !== null && form.categories.includes(category))));
  const wanted = new Map<string, Wanted>();
  for (const isRequired of [true, false]) {
    for (const form of forms) {
      for (const key of isRequired ? form.requires : form.wishes) {
        if (!wanted.has(key)) wanted.set(key, { key, isRequired, hint: forms.find((one) => one.hints[key])?.hints[key] });
      }
    }
  }
  if (pack.classification.gate === "hand_over") addGate(pack, wanted);
  return [...wanted.values()];
}

export function gateFor(pack: Pack | null | undefined, step: "resolve" | "close"): Wanted[] {
  const wanted = new Map<string, Wanted>();
  const gate = pack?.classification.gate ?? "none";
  if (pack && gate !== "none" && (step === "close" || gate !== "close")) addGate(pack, wanted);
  return [...wanted.values()];
}

function addGate(pack: Pack, wanted: Map<string, Wanted>) {
  for (const key of ["category", ...pack.classification.requires]) wanted.set(key, { ...wanted.get(key), key, isRequired: true });
}

/** What the server said is missing, beside what was asked for already. */
export function withMissing(wanted: Wanted[], failure: unknown): Wanted[] {
  const missing = failure instanceof ApiFailure ? failure.missing : [];
  const more = missing.filter((one) => !wanted.some((known) => known.key === one.key && known.isRequired));
  return [...wanted.filter((known) => !more.some((one) => one.key === known.key)), ...more.map(({ key, hint }) => ({ key, hint, isRequired: true }))];
}

/** Whether the ticket lacks it; a gate does not take the default category for an answer. */
export function lacks(pack: Pack, key: string, known: Known): boolean {
  if (key === "category") return pack.categories.some((one) => one.is_default && one.key === known.category) || !known.category;
  if (fieldOf(pack, key)) return !(key in known.fields);
  return !known[key as "contact" | "site" | "asset"];
}

export const fieldOf = (pack: Pack | null | undefined, key: string): Field | undefined => pack?.fields.find((one) => one.key === key);

/** The changes that go along with the step; nothing when nothing was given. */
export function changesOf(pack: Pack | null | undefined, given: Given): Record<string, unknown> | undefined {
  const changes: Record<string, unknown> = {};
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (fieldOf(pack, key)) fields[key] = value;
    else changes[key] = value;
  }
  if (Object.keys(fields).length) changes.fields = fields;
  return Object.keys(changes).length ? changes : undefined;
}

export const knownOf = (ticket: {
  category: string | null; contact: { id: string } | null; site: { id: string } | null; asset: { id: string } | null; fields: Fields;
}): Known => ({
  category: ticket.category, contact: ticket.contact?.id ?? null, site: ticket.site?.id ?? null, asset: ticket.asset?.id ?? null, fields: ticket.fields,
});

/** Of several tickets only the rows are here, which say nothing of fields. */
export const NOTHING_KNOWN: Known = { category: null, contact: null, site: null, asset: null, fields: {} };

/** What any of the tickets asks for; none of it must be filled in, for one that has it already needs nothing. */
export function formOfAll(
  pack: Pack | null | undefined, tickets: { queue: string | null; category: string | null }[], to: string,
): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const ticket of tickets) {
    for (const one of formFor(pack, ticket.queue, to, ticket.category)) if (!wanted.get(one.key)?.isRequired) wanted.set(one.key, one);
  }
  return [...wanted.values()];
}
