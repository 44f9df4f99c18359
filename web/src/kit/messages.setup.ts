// Tests speak both languages at once.
import { locales } from "../paraglide/runtime.js";
import { loadMessages } from "./messages";

await Promise.all(locales.map(loadMessages));
