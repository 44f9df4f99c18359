// Words of contracts: amounts in hours or requests, months, why a ticket is not covered, what a raise costs.
import { m } from "$m";
import type { AdjustmentKind, Cover, Coverage, Draw, NotCovered, PriorityRaise, Unit } from "../api/contracts";
import { labelWord, spoken } from "../clients/book.svelte";
import { language } from "../kit/language.svelte";
import type { Tone } from "../kit/tone";

const REASONS: Record<NotCovered, () => string> = {
  excluded_category: m.contract_reason_excluded_category, excluded_service: m.contract_reason_excluded_service,
  paid_service: m.contract_reason_paid_service, not_a_named_contact: m.contract_reason_not_named,
  channel_not_in_package: m.contract_reason_channel, outside_hours: m.contract_reason_hours,
  balance_used_up: m.contract_reason_used_up,
};
const CHANNELS: Record<string, () => string> = {
  phone: m.channel_phone, email: m.channel_email, chat: m.channel_chat, portal: m.contract_channel_portal,
  api: m.contract_channel_api, plugin: m.contract_channel_plugin,
};
const KINDS: Record<AdjustmentKind, () => string> = {
  bought: m.contract_bought, carry_over: m.contract_carry_over, correction: m.contract_correction,
};
const COVERS: Record<Cover, [Tone, () => string]> = {
  included: ["on-time", m.contract_included], paid: ["at-risk", m.contract_paid], excluded: ["neutral", m.contract_excluded],
};
const DRAWS: Record<Draw["what"], () => string> = {
  time_entry: m.contract_draw_time, request: m.contract_draw_request, priority_raise: m.contract_draw_raise,
};

export const ADJUSTMENT_KINDS: AdjustmentKind[] = ["bought", "carry_over", "correction"];
export const reasonWord = (reason: string) => REASONS[reason as NotCovered]?.() ?? spoken(reason);
export const channelWord = (channel: string) => CHANNELS[channel]?.() ?? spoken(channel);
export const kindWord = (kind: AdjustmentKind) => KINDS[kind]();
export const coverTone = (cover: Cover): Tone => COVERS[cover][0];
export const coverWord = (cover: Cover) => COVERS[cover][1]();
export const drawWord = (what: Draw["what"]) => DRAWS[what]();

/** "5 hr 30 min" of minutes, "12" of requests; a minus where it is owed. */
export function amountWord(amount: number, unit: Unit): string {
  const plain = new Intl.NumberFormat(language.current);
  if (unit === "requests") return plain.format(amount).replace("-", "−");
  const far = Math.abs(amount);
  const [hours, minutes] = [Math.floor(far / 60), far % 60];
  const word = (count: number, name: string) =>
    new Intl.NumberFormat(language.current, { style: "unit", unit: name, unitDisplay: "short" }).format(count);
  const words = [hours ? word(hours, "hour") : "", minutes || !hours ? word(minutes, "minute") : ""].filter(Boolean).join(" ");
  return amount < 0 ? `−${words}` : words;
}

/** The same with a plus where it adds. */
export const signedWord = (amount: number, unit: Unit) => (amount > 0 ? "+" : "") + amountWord(amount, unit);

/** "November 2026" of "2026-11". */
export function monthWord(month: string): string {
  const at = new Date(`${month}-15T12:00:00Z`);
  return new Intl.DateTimeFormat(language.current, { month: "long", year: "numeric", timeZone: "UTC" }).format(at);
}

/** What a raise of priority costs. */
export function priceWord(raise: PriorityRaise, unit: Unit | null): string {
  if (raise.charge === "free") return m.contract_raise_free();
  if (raise.charge === "balance") return m.contract_raise_balance({ amount: amountWord(raise.amount ?? 0, unit ?? "requests") });
  return labelWord(raise.price, m.contract_raise_billed());
}

/** One line: covered or why not, by which package, what is left. */
export function coverageWords(own: Coverage): string[] {
  const label = own.package_label ?? (own.package ? { [language.current]: own.package } : null);
  const words = [label ? m.contract_package_named({ name: labelWord(label, own.package ?? "") }) : ""];
  if (own.service && own.service_label) words.push(labelWord(own.service_label, own.service));
  if (own.unit && own.balance_left !== null) {
    words.push(m.contract_left_this_month({ amount: amountWord(own.balance_left, own.unit) }));
  }
  return words.filter(Boolean);
}
