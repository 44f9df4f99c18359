// What workflow scripts can say, as the server's own table has it: one read serves the page and the editor.
import { get } from "./client";

/** An example that the server's tests publish and play. */
export interface Example {
  /** The handler in which the lines stand: `on_comment(ticket, comment)`. */
  stands_in: string;
  lines: string;
  script: string;
}
export interface Param {
  name: string;
  doc: string;
  kind: string;
  keys: string | null;
  is_needed: boolean;
  options: Param[];
}
export interface FunctionEntry {
  name: string;
  doc: string;
  since: string;
  params: Param[];
  /** `()`: nothing. */
  returns: string;
  example: Example;
}
export interface PropertyEntry {
  name: string;
  doc: string;
  since: string;
  kind: string;
  keys: string | null;
  can_be_set: boolean;
  example: Example;
}
export interface TypeEntry {
  name: string;
  doc: string;
  properties: PropertyEntry[];
  methods: FunctionEntry[];
  /** What `x.key` reads besides the properties. */
  index: { doc: string; keys: string | null; can_be_set: boolean; example: Example } | null;
}
export interface ScriptApi {
  handlers: FunctionEntry[];
  functions: FunctionEntry[];
  types: TypeEntry[];
}

const known = new Map<string, Promise<ScriptApi>>();

/** Descriptions in a language; read once, for it changes with the server's version alone. */
export function readScriptApi(language: string): Promise<ScriptApi> {
  const read = known.get(language) ?? get<ScriptApi>("script-api", { language }).catch((error: unknown) => {
    known.delete(language);
    throw error;
  });
  known.set(language, read);
  return read;
}

export const definitionsUrl = () => new URL("api/naryad.d.rhai", document.baseURI).href;
