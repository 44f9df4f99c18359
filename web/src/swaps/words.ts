// An offered shift and how far the offer is, in words.
import { m } from "$m";
import type { OfferedShift, Swap, SwapAnswer, SwapState } from "../api/swaps";
import { clientBook, spoken } from "../clients/book.svelte";
import { language } from "../kit/language.svelte";
import { kindWord } from "../roster/words";

/** "Wed, 4 Nov, 08:00–20:00, on call, First line", by the clock of this device. */
export function offeredWords({ from, to, kind, queue, client }: Pick<OfferedShift, "from" | "to" | "kind" | "queue" | "client">): string {
  const format = (at: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language.current, { hourCycle: "h23", ...options }).format(new Date(at));
  const hours: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  const day: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
  // A night shift ends on the next day, which everybody reads from the hours; longer ones name their last day.
  const isLong = Date.parse(to) - Date.parse(from) > 25 * 3_600_000;
  const words = [
    `${format(from, day)}, ${format(from, hours)}${isLong ? ` – ${format(to, day)}, ` : "–"}${format(to, hours)}`,
    kind.is === "regular" ? "" : kindWord(kind),
    queue ? (client ? clientBook.queueWord(client, queue) : spoken(queue)) : "",
    client ? clientBook.name(client) : "",
  ];
  return words.filter(Boolean).join(", ");
}

const STATES: Record<SwapState, () => string> = {
  offered: m.swap_offered, accepted: m.swap_accepted, made: m.swap_made, declined: m.swap_declined,
  withdrawn: m.swap_withdrawn, refused: m.swap_refused, lapsed: m.swap_lapsed,
};
export const stateWord = (swap: Swap): string => STATES[swap.state]();

const ANSWERS: Record<SwapAnswer, () => string> = {
  accept: m.swap_accept, decline: m.swap_decline, withdraw: m.swap_withdraw, approve: m.swap_approve, refuse: m.swap_refuse,
};
export const answerWord = (answer: SwapAnswer): string => ANSWERS[answer]();
export const isYes = (answer: SwapAnswer): boolean => answer === "accept" || answer === "approve";

/** What is offered, as the reader meets it. */
export function swapWords(swap: Swap, reader: string): string {
  const shift = offeredWords(swap.shift);
  const first =
    swap.person.id === reader ? m.swap_you_offer({ person: swap.to.name, shift })
    : swap.to.id === reader ? m.swap_offers_you({ person: swap.person.name, shift })
    : m.swap_between({ person: swap.person.name, to: swap.to.name, shift });
  return swap.in_return ? `${first}, ${m.swap_for({ shift: offeredWords(swap.in_return) })}` : first;
}
