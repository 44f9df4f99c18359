// Tests speak both languages at once.
import { locales } from "../paraglide/runtime.js";
import { loadWorkshop } from "./messages";

await Promise.all(locales.map(loadWorkshop));
