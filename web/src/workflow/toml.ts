// How a client.toml is read for colour: tables, keys, strings, numbers, comments.
import { StreamLanguage } from "@codemirror/language";

interface State {
  isValue: boolean;
  depth: number;
  multiline: string | null;
}

export const toml = StreamLanguage.define<State>({
  name: "toml",
  startState: () => ({ isValue: false, depth: 0, multiline: null }),
  languageData: { commentTokens: { line: "#" } },
  token(stream, state) {
    if (stream.sol() && state.depth === 0 && !state.multiline) state.isValue = false;
    if (state.multiline) {
      if (stream.skipTo(state.multiline)) {
        stream.match(state.multiline);
        state.multiline = null;
      } else stream.skipToEnd();
      return "string";
    }
    if (stream.eatSpace()) return null;
    if (stream.match("#")) {
      stream.skipToEnd();
      return "comment";
    }
    if (!state.isValue && stream.match(/^\[\[?[^\]]*\]\]?/)) return "heading";
    const triple = stream.match(/^("""|''')/) as RegExpMatchArray | null;
    if (triple) {
      state.multiline = triple[0];
      return "string";
    }
    if (stream.match(/^"(\\.|[^"\\])*"?/) || stream.match(/^'[^']*'?/)) return state.isValue ? "string" : "propertyName";
    if ((!state.isValue && stream.match(/^[\w-]+/)) || stream.match(/^[\w-]+(?=\s*=)/)) return "propertyName";
    if (stream.match(/^(true|false)\b/)) return "atom";
    if (stream.match(/^[+-]?\d[\d_.:TZeE+-]*/)) return "number";
    const next = stream.next();
    if (next === "=") state.isValue = true;
    if (next === "[" || next === "{") state.depth += 1;
    if (next === "]" || next === "}") state.depth -= 1;
    if (next === "," && state.depth > 0) return null;
    return next === "=" ? "operator" : null;
  },
});
