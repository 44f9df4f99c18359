// What the workflow editor asks the server while somebody types; nothing is saved.
import { post } from "./client";
import type { Finding, Texts } from "./workflow";

export type EditedFile = "workflow.rhai" | "client.toml";

/** Both from 1, the column in characters. */
export interface Spot {
  file: EditedFile;
  line: number;
  column: number;
}
export type ItemKind = "property" | "method" | "function" | "handler" | "variable" | "keyword" | "key" | "option" | "module" | "table";
export interface Item {
  label: string;
  kind: ItemKind;
  /** What is called: `(queue, options?)`. */
  params: string | null;
  detail: string;
  doc: string;
}
export interface Completion {
  /** Characters before the cursor that the item takes the place of. */
  replaces: number;
  is_in_text: boolean;
  items: Item[];
}
export interface Signature {
  name: string;
  params: { name: string; kind: string; doc: string; is_needed: boolean; options: string[] }[];
  returns: string;
  doc: string;
  /** From 0. */
  current: number;
}
export type Definition =
  | ({ type: "text" } & Spot)
  | { type: "module"; path: string; line: number; lines: string }
  | { type: "reference"; words: string };

const at = (client: string, what: string) => `clients/${client}/workflow/${what}`;
interface Typed extends Texts {
  at: Spot;
  language: string;
}

export const completeAt = (client: string, typed: Typed) => post<Completion>(at(client, "complete"), typed);
export const signatureAt = (client: string, typed: Typed) =>
  post<{ signature: Signature | null }>(at(client, "signature"), typed).then((answer) => answer.signature);
export const definitionAt = (client: string, typed: Typed) =>
  post<{ definition: Definition | null }>(at(client, "definition"), typed).then((answer) => answer.definition);
export const formatScript = (client: string, script: string) =>
  post<{ text: string | null; finding: Finding | null }>(at(client, "format"), { script });
