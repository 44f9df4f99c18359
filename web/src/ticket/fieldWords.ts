// What a field's value reads as.
import { m } from "$m";
import type { FieldValue } from "../api/tickets";
import { spoken } from "../clients/book.svelte";
import { language } from "../kit/language.svelte";
import { moment } from "../kit/time";

export function fieldWords({ kind, value }: FieldValue): string {
  if (value === null) return m.inbox_subject_erased();
  if (kind === "flag") return value ? m.kit_yes() : m.kit_no();
  if (kind === "moment") return moment(String(value), Date.now(), language.current);
  if (kind === "number") return new Intl.NumberFormat(language.current).format(Number(value));
  return kind === "choice" ? spoken(String(value)) : String(value);
}
