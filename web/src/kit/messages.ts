// The messages of one language at a time: said in the one that is chosen, the other is not loaded.
import type * as Messages from "../paraglide/messages/_index.js";
import { type Locale, getLocale } from "../paraglide/runtime.js";

type Say = (inputs: object) => string;
type Table = Record<string, Say>;

const LOADERS: Record<Locale, () => Promise<unknown>> = {
  en: () => import("../paraglide/messages/en.js"),
  ru: () => import("../paraglide/messages/ru.js"),
};
const tables: Partial<Record<Locale, Table>> = {};

/** Fetches the words of a language; nothing may be said in it before. */
export async function loadMessages(locale: Locale): Promise<void> {
  tables[locale] ??= (await LOADERS[locale]()) as Table;
}

/** A message is looked up when it is said, so one that a module names when it loads follows the language too. */
const said = new Map<string, (inputs?: object, options?: { locale?: Locale }) => string>();
function message(key: string) {
  const known = said.get(key);
  if (known) return known;
  const say = (inputs: object = {}, options: { locale?: Locale } = {}) => {
    const locale = options.locale ?? getLocale();
    const words = tables[locale]?.[key];
    if (!words) throw new Error(`no message ${key} in ${locale}`);
    return words(inputs);
  };
  said.set(key, say);
  return say;
}

export const m = new Proxy({}, { get: (_, key) => message(String(key)) }) as typeof Messages;
