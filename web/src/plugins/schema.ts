// A form from a JSON schema: which control each setting gets, its first value, and the document that is sent.
import { m } from "$m";
import type { Json, Schema } from "../api/plugins";
import { language } from "../kit/language.svelte";

export type Control = "line" | "text" | "number" | "flag" | "choice" | "list" | "map" | "json";
/** As the controls hold it: text, a flag, or rows of name and value. */
export type Held = string | boolean | [string, string][];
export type Form = Record<string, Held>;

/** Longer texts get several lines. */
const LINE_CHARACTERS_MAX = 500;

const kindOf = (schema: Schema) => (Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type);
const isOf = (schema: Schema | boolean | undefined, kind: string) => typeof schema === "object" && kindOf(schema) === kind;

export function controlOf(schema: Schema): Control {
  if (schema.enum) return "choice";
  const kind = kindOf(schema);
  if (kind === "boolean") return "flag";
  if (kind === "integer" || kind === "number") return "number";
  if (kind === "string") return (schema.maxLength ?? 0) > LINE_CHARACTERS_MAX ? "text" : "line";
  if (kind === "array" && isOf(schema.items, "string")) return "list";
  if (kind === "object" && !schema.properties && isOf(schema.additionalProperties, "string")) return "map";
  return "json";
}

/** A text that the publisher gave in one language or in several. */
export function textOf(text: string | Record<string, string> | undefined): string {
  if (typeof text !== "object") return text ?? "";
  return text[language.current] ?? text.en ?? Object.values(text)[0] ?? "";
}

export function bounds({ minimum: min, maximum: max }: Schema): string {
  if (min !== undefined && max !== undefined) return m.plugins_from_to({ min, max });
  if (min !== undefined) return m.plugins_at_least({ min });
  return max === undefined ? "" : m.plugins_at_most({ max });
}

function held(schema: Schema, value: Json | undefined): Held {
  switch (controlOf(schema)) {
    case "flag": return value === true;
    case "choice": return value === undefined ? "" : JSON.stringify(value);
    case "list": return Array.isArray(value) ? value.join("\n") : "";
    case "map": return Object.entries((value ?? {}) as Record<string, string>);
    case "json": return value === undefined ? "" : JSON.stringify(value, null, 2);
    default: return value === undefined || value === null ? "" : String(value);
  }
}

export function formOf(schema: Schema, document: Json | undefined): Form {
  const given = (document ?? {}) as Record<string, Json>;
  const of = ([name, one]: [string, Schema]): [string, Held] => [name, held(one, given[name] ?? one.default)];
  return Object.fromEntries(Object.entries(schema.properties ?? {}).map(of));
}

/** What a control cannot hand over, by the name of its setting. */
export class Unfit extends Error {
  constructor(readonly setting: string, message: string) {
    super(message);
  }
}

function documentOf(name: string, schema: Schema, value: Held): Json | undefined {
  if (typeof value === "boolean") return value;
  if (Array.isArray(value)) {
    const rows = value.filter(([key, text]) => key.trim() || text);
    return rows.length ? Object.fromEntries(rows.map(([key, text]) => [key.trim(), text])) : undefined;
  }
  // What is left empty is left out.
  if (value.trim() === "") return undefined;
  switch (controlOf(schema)) {
    case "number": {
      const number = Number(value.replace(",", "."));
      if (Number.isNaN(number)) throw new Unfit(name, m.plugins_not_number());
      return number;
    }
    case "choice": return JSON.parse(value) as Json;
    case "list": return value.split("\n").map((line) => line.trim()).filter(Boolean);
    case "json":
      try {
        return JSON.parse(value) as Json;
      } catch (error) {
        throw new Unfit(name, m.plugins_not_json({ detail: error instanceof Error ? error.message : "" }));
      }
    default: return value;
  }
}

export function settingsOf(schema: Schema, form: Form): Record<string, Json> {
  const document: Record<string, Json> = {};
  for (const [name, one] of Object.entries(schema.properties ?? {})) {
    const isRequired = schema.required?.includes(name) ?? false;
    // A flag that nobody needs to set is left out while it is off.
    const value = documentOf(name, one, form[name] ?? "");
    if (value === undefined || (value === false && !isRequired && one.default === undefined)) continue;
    document[name] = value;
  }
  return document;
}

/** The host of an address, as the desk writes it; empty while it is none. */
export function hostOf(address: unknown): string {
  if (typeof address !== "string") return "";
  try {
    const { hostname, port, protocol } = new URL(address);
    return hostname ? `${hostname}:${port || (protocol === "http:" ? "80" : "443")}` : "";
  } catch {
    return "";
  }
}
