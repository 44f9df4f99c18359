// A site's city is said once.
import { expect, test } from "vitest";
import { placeLine } from "./place";

test("the city is not said twice", () => {
  expect(placeLine("Ош", "Ош, ул. Курманжан Датка, 46")).toBe("Ош, ул. Курманжан Датка, 46");
  expect(placeLine("Yerevan", "Abovyan 1")).toBe("Yerevan, Abovyan 1");
  expect(placeLine("", "Abovyan 1")).toBe("Abovyan 1");
});
