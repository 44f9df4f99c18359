// A block of cells: rows by columns, from where the selection began to where the focus is.
import type { Placed, Row } from "./board";

export interface At {
  row: number;
  column: number;
}
export interface Block {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export function blockOf(anchor: At, focus: At): Block {
  return {
    top: Math.min(anchor.row, focus.row), bottom: Math.max(anchor.row, focus.row),
    left: Math.min(anchor.column, focus.column), right: Math.max(anchor.column, focus.column),
  };
}

export const sizeOf = (block: Block): number => (block.bottom - block.top + 1) * (block.right - block.left + 1);
export const holds = (block: Block, at: At): boolean =>
  at.row >= block.top && at.row <= block.bottom && at.column >= block.left && at.column <= block.right;

export function* cellsOf(block: Block): Generator<At> {
  for (let row = block.top; row <= block.bottom; row += 1) {
    for (let column = block.left; column <= block.right; column += 1) yield { row, column };
  }
}

/** Every shift that begins in the block. */
export function shiftsIn(rows: Row[], block: Block): Placed[] {
  const found: Placed[] = [];
  for (const { row, column } of cellsOf(block)) found.push(...(rows[row]?.cells[column]?.shifts ?? []));
  return found;
}

/**
 * Where a copied piece goes: as large as it is from the block's first cell on; over a larger block it is repeated, so
 * that four copied days fill a month and a copied row fills the rows below.
 */
export function pasteInto(piece: { rows: number; columns: number }, block: Block, board: { rows: number; columns: number }): Block {
  const rows = Math.max(piece.rows, block.bottom - block.top + 1);
  const columns = Math.max(piece.columns, block.right - block.left + 1);
  return {
    top: block.top, left: block.left,
    bottom: Math.min(board.rows - 1, block.top + rows - 1), right: Math.min(board.columns - 1, block.left + columns - 1),
  };
}
