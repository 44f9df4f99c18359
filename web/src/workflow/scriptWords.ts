// The script API as a list of words: what the reference filters and what the editor explains where the cursor stands.
import type { Example, FunctionEntry, ScriptApi } from "../api/scriptApi";

export interface Word {
  /** `Ticket`, or empty for handlers and functions. */
  owner: string;
  name: string;
  /** `ticket.dispatch(requirements?)` as it is written: `.dispatch(requirements?)`. */
  written: string;
  /** What it is or answers, in the reference's words; empty: nothing. */
  kind: string;
  canBeSet: boolean;
  doc: string;
  params: FunctionEntry["params"];
  example: Example;
}
export interface Group {
  key: string;
  doc: string;
  words: Word[];
}

const signature = (entry: FunctionEntry) =>
  `${entry.name}(${entry.params.map((one) => (one.is_needed ? one.name : `${one.name}?`)).join(", ")})`;

const ofFunction = (owner: string, before: string) => (entry: FunctionEntry): Word => ({
  owner, name: entry.name, written: before + signature(entry), kind: entry.returns === "()" ? "" : entry.returns, canBeSet: false,
  doc: entry.doc, params: entry.params, example: entry.example,
});

/** Handlers and functions under the keys `handlers` and `functions`, then each type by its name. */
export function groupsOf(api: ScriptApi): Group[] {
  const types = api.types.map((type) => {
    const properties = type.properties.map((one): Word => ({
      owner: type.name, name: one.name, written: `.${one.name}`, kind: one.kind, canBeSet: one.can_be_set, doc: one.doc, params: [],
      example: one.example,
    }));
    const index = type.index
      ? [{ owner: type.name, name: "key", written: ".key", kind: "", canBeSet: type.index.can_be_set, doc: type.index.doc, params: [], example: type.index.example }]
      : [];
    return { key: type.name, doc: type.doc, words: [...properties, ...index, ...type.methods.map(ofFunction(type.name, "."))] };
  });
  return [
    { key: "handlers", doc: "", words: api.handlers.map(ofFunction("", "fn ")) },
    { key: "functions", doc: "", words: api.functions.map(ofFunction("", "")) },
    ...types,
  ];
}

/** Groups with the words in which every part of the question occurs; a group whose own name fits stays whole. */
export function filtered(groups: Group[], question: string): Group[] {
  const parts = question.toLowerCase().split(/[\s.()]+/).filter(Boolean);
  if (parts.length === 0) return groups;
  const fits = (text: string) => parts.every((part) => text.toLowerCase().includes(part));
  return groups
    .map((group) => (fits(group.key) ? group : { ...group, words: group.words.filter((word) => fits(`${group.key} ${word.written} ${word.doc}`)) }))
    .filter((group) => group.words.length > 0);
}

/** Types may share a name; so many are shown where the cursor stands. */
const SHOWN_MAX = 4;

/** What the word at the place means: behind a `.` a member, else a handler or a function. `receiver` is what stands before
    the dot, such as `order`: a type that is called so comes first. */
export function meanings(groups: Group[], name: string, isMember: boolean, receiver: string): Word[] {
  const found = groups.flatMap((group) => group.words).filter((word) => word.name === name && (word.owner !== "") === isMember);
  const isNear = (word: Word) => receiver !== "" && word.owner.toLowerCase().endsWith(receiver.toLowerCase().replaceAll("_", ""));
  return [...found.filter(isNear), ...found.filter((word) => !isNear(word))].slice(0, SHOWN_MAX);
}
