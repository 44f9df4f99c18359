// A document as a flat list of key and value, for reading.

const DEPTH_MAX = 4;

export function flat(value: unknown, prefix = "", depth = 0): [string, string][] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object" || depth >= DEPTH_MAX) return [[prefix || "value", shown(value)]];
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) {
    return value.length ? [[prefix || "value", value.map(shown).join(", ")]] : [];
  }
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, prefix ? `${prefix}.${key}` : key, depth + 1));
}

function shown(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
