// How Rhai is read for colour: keywords, strings with \`${}\` parts, nested comments, numbers, calls.
import { StreamLanguage, type StringStream } from "@codemirror/language";

const KEYWORDS = new Set(
  ("let const if else switch while loop do until for in break continue return throw try catch fn private import " +
    "export as").split(" "),
);
const ATOMS = new Set(["true", "false", "this"]);

interface State {
  commentDepth: number;
  /** Inside a string: its quote; a back-tick may hold `${…}`. */
  quote: string | null;
  /** Open braces of each interpolation that stands open. */
  holes: number[];
  afterFn: boolean;
  /** Open braces, brackets and parentheses. */
  depth: number;
}

export const rhai = StreamLanguage.define<State>({
  name: "rhai",
  startState: () => ({ commentDepth: 0, quote: null, holes: [], afterFn: false, depth: 0 }),
  copyState: (state) => ({ ...state, holes: [...state.holes] }),
  languageData: { commentTokens: { line: "//", block: { open: "/*", close: "*/" } } },
  token(stream, state) {
    if (state.commentDepth > 0) return comment(stream, state);
    if (state.quote) return string(stream, state);
    if (stream.eatSpace()) return null;
    return code(stream, state);
  },
  indent(state, after, context) {
    if (state.quote || state.commentDepth) return null;
    const closes = /^\s*[}\])]/.test(after) ? 1 : 0;
    return Math.max(0, state.depth - closes) * context.unit;
  },
});

function comment(stream: StringStream, state: State): string {
  while (!stream.eol() && state.commentDepth > 0) {
    if (stream.match("/*")) state.commentDepth += 1;
    else if (stream.match("*/")) state.commentDepth -= 1;
    else stream.next();
  }
  return "comment";
}

function string(stream: StringStream, state: State): string {
  while (!stream.eol()) {
    if (state.quote === "`" && stream.match("${")) {
      state.holes.push(0);
      state.quote = null;
      return "string";
    }
    const next = stream.next();
    if (next === "\\" && state.quote !== "`") stream.next();
    else if (next === state.quote) {
      state.quote = null;
      return "string";
    }
  }
  if (state.quote === '"' && !stream.string.endsWith("\\")) state.quote = null;
  return "string";
}

function code(stream: StringStream, state: State): string | null {
  if (stream.match("//")) {
    stream.skipToEnd();
    return "comment";
  }
  if (stream.match("/*")) {
    state.commentDepth = 1;
    return comment(stream, state);
  }
  const quote = stream.match(/^["`]/) as RegExpMatchArray | null;
  if (quote) {
    state.quote = quote[0];
    return string(stream, state);
  }
  if (stream.match(/^'(\\.|[^'])'/)) return "string";
  if (stream.match(/^(0x[\da-fA-F_]+|0b[01_]+|0o[0-7_]+|\d[\d_]*(\.\d[\d_]*)?)/)) return "number";
  const word = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u) as RegExpMatchArray | null;
  if (word) return named(word[0], stream, state);
  return mark(stream, state);
}

function named(word: string, stream: StringStream, state: State): string {
  const isDefined = state.afterFn;
  state.afterFn = word === "fn";
  if (KEYWORDS.has(word)) return "keyword";
  if (ATOMS.has(word)) return "atom";
  if (isDefined) return "variableName.definition";
  if (stream.match(/^\s*\(/, false)) return "variableName.function";
  if (stream.string.slice(0, stream.start).endsWith(".")) return "propertyName";
  return "variableName";
}

function mark(stream: StringStream, state: State): string | null {
  const next = stream.next();
  if (next && "{[(".includes(next)) state.depth += 1;
  if (next && "}])".includes(next)) state.depth = Math.max(0, state.depth - 1);
  const open = state.holes.length - 1;
  if (next === "{" && open >= 0) state.holes[open]! += 1;
  if (next === "}" && open >= 0) {
    if (state.holes[open] === 0) {
      state.holes.pop();
      state.quote = "`";
      return "string";
    }
    state.holes[open]! -= 1;
  }
  return next && /[+\-*/%<>=!&|^?:]/.test(next) ? "operator" : null;
}
