// The messages of one language at a time: said in the one that is chosen, the other is not loaded.
import type * as Messages from "../paraglide/messages/_index.js";
import type * as Plugins from "../paraglide/plugins/messages/_index.js";
import type * as Workshop from "../paraglide/workshop/messages/_index.js";
import { type Locale, getLocale } from "../paraglide/runtime.js";

type Say = (inputs: object) => string;
type Table = Record<string, Say>;
type Part = "desk" | "workshop" | "plugins";

/** Words come in parts: the desk's with the page, the workshop's (where scripts are written) and plugins' with their screens. */
const LOADERS: Record<Part, Record<Locale, () => Promise<unknown>>> = {
  desk: { en: () => import("../paraglide/messages/en.js"), ru: () => import("../paraglide/messages/ru.js") },
  workshop: { en: () => import("../paraglide/workshop/messages/en.js"), ru: () => import("../paraglide/workshop/messages/ru.js") },
  plugins: { en: () => import("../paraglide/plugins/messages/en.js"), ru: () => import("../paraglide/plugins/messages/ru.js") },
};
const wanted = new Set<Part>(["desk"]);
const loaded = new Set<string>();
const tables: Record<Locale, Table> = { en: {}, ru: {} };

async function load(part: Part, locale: Locale): Promise<void> {
  if (loaded.has(`${part} ${locale}`)) return;
  Object.assign(tables[locale], await LOADERS[part][locale]());
  loaded.add(`${part} ${locale}`);
}

/** Fetches the words of a language; nothing may be said in it before. */
export async function loadMessages(locale: Locale): Promise<void> {
  await Promise.all([...wanted].map((part) => load(part, locale)));
}

/** Fetches a part's words, and from now on with every language. */
export async function loadPart(part: Part, locale: Locale = getLocale()): Promise<void> {
  wanted.add(part);
  await loadMessages(locale);
}

/** A message is looked up when it is said, so one that a module names when it loads follows the language too. */
const said = new Map<string, (inputs?: object, options?: { locale?: Locale }) => string>();
function message(key: string) {
  const known = said.get(key);
  if (known) return known;
  const say = (inputs: object = {}, options: { locale?: Locale } = {}) => {
    const locale = options.locale ?? getLocale();
    const words = tables[locale][key];
    if (!words) throw new Error(`no message ${key} in ${locale}`);
    return words(inputs);
  };
  said.set(key, say);
  return say;
}

export const m = new Proxy({}, { get: (_, key) => message(String(key)) }) as typeof Messages & typeof Workshop & typeof Plugins;
