// The language of the desk: remembered, reactive, told to the page and to every message.
import { type Locale, isLocale, locales, overwriteGetLocale } from "../paraglide/runtime.js";

const STORED_AS = "naryad.language";

class Language {
  current = $state<Locale>("en");
  readonly all = locales;

  constructor() {
    overwriteGetLocale(() => this.current);
    if (typeof window === "undefined") return;
    this.current = remembered() ?? (navigator.language.startsWith("ru") ? "ru" : "en");
    document.documentElement.lang = this.current;
  }

  choose(locale: Locale) {
    this.current = locale;
    document.documentElement.lang = locale;
    localStorage.setItem(STORED_AS, locale);
  }
}

function remembered(): Locale | null {
  const stored = localStorage.getItem(STORED_AS);
  return isLocale(stored) ? stored : null;
}

export const language = new Language();
export type { Locale };
