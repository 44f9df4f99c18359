// Tests speak both languages at once.
import { locales } from "../paraglide/runtime.js";
import { loadPart } from "./messages";

await Promise.all(locales.flatMap((locale) => [loadPart("workshop", locale), loadPart("plugins", locale)]));
