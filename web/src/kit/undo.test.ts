// What waits ten seconds is done once, or not at all.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UNDO_MS, undo } from "./undo.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("undo", () => {
  it("acts after ten seconds, not before", () => {
    const act = vi.fn();
    undo.later("reply", act, vi.fn());
    vi.advanceTimersByTime(UNDO_MS - 1);
    expect(act).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(act).toHaveBeenCalledOnce();
    expect(undo.pending).toEqual([]);
  });
  it("gives back what was taken back, and never acts", () => {
    const act = vi.fn();
    const back = vi.fn();
    undo.later("reply", act, back);
    undo.pending[0]!.undo();
    vi.advanceTimersByTime(2 * UNDO_MS);
    expect(back).toHaveBeenCalledOnce();
    expect(act).not.toHaveBeenCalled();
  });
  it("does what waits when the page goes away, once", () => {
    const act = vi.fn();
    undo.later("reply", act, vi.fn());
    undo.flush();
    vi.advanceTimersByTime(2 * UNDO_MS);
    expect(act).toHaveBeenCalledOnce();
  });
});
