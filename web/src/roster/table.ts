// A table of shifts before it is sent: its rows, and where the server's words about a line belong.
import { type Problem, problemWords } from "../api/failure";

export interface TableRow {
  /** Of the text, from 1; the head line is 1. */
  line: number;
  cells: string[];
}
export interface Table {
  head: string[];
  rows: TableRow[];
}

/** Reads commas or semicolons, with quoted cells that may hold either and line breaks, as the server does. */
export function readTable(text: string): Table {
  const clean = text.replace(/^\uFEFF/, "");
  const delimiter = (clean.split("\n", 1)[0] ?? "").includes(";") ? ";" : ",";
  const rows: TableRow[] = [];
  let line = 1;
  let row: TableRow = { line, cells: [] };
  let cell = "";
  let isQuoted = false;
  const endCell = () => {
    row.cells.push(cell.trim());
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (row.cells.some(Boolean)) rows.push(row);
    row = { line, cells: [] };
  };
  for (let at = 0; at < clean.length; at += 1) {
    const sign = clean[at]!;
    if (sign === "\n") line += 1;
    if (isQuoted && sign === '"' && clean[at + 1] === '"') {
      cell += sign;
      at += 1;
    } else if (sign === '"') isQuoted = !isQuoted;
    else if (isQuoted) cell += sign;
    else if (sign === delimiter) endCell();
    else if (sign === "\n") endRow();
    else if (sign !== "\r") cell += sign;
  }
  endRow();
  const [head, ...rest] = rows;
  return { head: head?.cells ?? [], rows: rest };
}

/** What the server says of each line. */
export function byLine(problems: Problem[]): Map<number, string> {
  return new Map(problems.flatMap((problem) => {
    const line = /^line (\d+)$/.exec(problem.at)?.[1];
    return line ? [[Number(line), problemWords(problem)] as const] : [];
  }));
}
