// The steps of a new client follow from what is on the desk.
import { expect, it } from "vitest";
import { STEPS, asked, isDone, mayOpen } from "./steps";

const nothing = { hasClient: false, hasPack: false, isPublished: false, missing: null, hasTicket: false };

it("goes on where it was left", () => {
  expect(asked(null, nothing)).toBe("client");
  expect(asked(null, { ...nothing, hasClient: true })).toBe("pack");
  expect(asked(null, { ...nothing, hasClient: true, hasPack: true })).toBe("words");
  expect(asked(null, { ...nothing, hasClient: true, hasPack: true, isPublished: true })).toBe("ticket");
});

it("opens no step before what it needs", () => {
  expect(asked("publish", { ...nothing, hasClient: true })).toBe("pack");
  expect(STEPS.filter((step) => mayOpen(step, nothing))).toEqual(["client"]);
  expect(asked("needs", { ...nothing, hasClient: true, hasPack: true })).toBe("needs");
});

it("calls nothing done that is not counted yet", () => {
  expect(isDone("needs", { ...nothing, hasPack: true })).toBe(false);
  expect(isDone("needs", { ...nothing, hasPack: true, missing: 0 })).toBe(true);
  expect(isDone("needs", { ...nothing, hasPack: true, missing: 2 })).toBe(false);
});
