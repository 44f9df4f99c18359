// The language of the desk: remembered, reactive, told to the page and to every message.
import { type Locale, isLocale, locales, overwriteGetLocale } from "../paraglide/runtime.js";
import { loadMessages } from "./messages";

const STORED_AS = "naryad.language";

class Language {
  current = $state<Locale>("en");
  readonly all = locales;
  /** The words of the first language are there. */
  readonly ready: Promise<void>;

  constructor() {
    overwriteGetLocale(() => this.current);
    if (typeof window !== "undefined") {
      this.current = remembered() ?? (navigator.language.startsWith("ru") ? "ru" : "en");
      document.documentElement.lang = this.current;
    }
    this.ready = loadMessages(this.current);
  }

  /** Speaks the other language once its words are there; when they cannot be had, nothing changes. */
  async choose(locale: Locale) {
    try {
      await loadMessages(locale);
    } catch {
      return;
    }
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
