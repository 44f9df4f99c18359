// Small rules about text: how search folds it, how long texts are shortened, how sizes read.

/** Lower case, ё read as е, accents dropped: what a person who searches means. */
export function foldForSearch(text: string): string {
  return text.toLowerCase().replaceAll("ё", "е").normalize("NFKD").replace(/[\u0300-\u0305\u0307-\u036f]/g, "").trim();
}

/** What the server takes for a key; as an `<input pattern>`. */
export const KEY_PATTERN = "[a-z][a-z0-9_\\-]*";

/** A person's initials: "Анна Петрова" → "АП". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0]!, words[words.length - 1]!] : words;
  return letters.map((word) => [...word][0]!.toUpperCase()).join("");
}

/** Bytes as people read them: "340 KB", "1,2 МБ" in the reader's language. */
export function fileSize(bytes: number, locale: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && size < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, {
    style: "unit", unit: units[unit]!, unitDisplay: "short", maximumFractionDigits: digits,
  }).format(size);
}

/** What a person typed with commas between: "ncr, diebold" → ["ncr", "diebold"]. */
export function words(text: string): string[] {
  return text.split(",").map((word) => word.trim()).filter(Boolean);
}
