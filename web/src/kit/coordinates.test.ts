// Coordinates as people copy them from a map, and what is none.
import { expect, test } from "vitest";
import { readCoordinates, showCoordinates } from "./coordinates";

test.each([
  "43.2389, 76.8897", "43.2389,76.8897", "  43.2389   76.8897 ", "43,2389 76,8897", "43,2389; 76,8897", "43,2389, 76,8897", "+43.2389;76.8897",
])("%s is a point", (text) => expect(readCoordinates(text)).toEqual({ latitude: 43.2389, longitude: 76.8897 }));

test.each(["", "43.2389", "43,2389", "43.2389, east", "43.2389, 76.8897, 700", "N43 E76"])("%s is none", (text) => expect(readCoordinates(text)).toBeNull());

test("south and west are less than nothing", () => {
  expect(readCoordinates("-33.9, −70.6")).toEqual({ latitude: -33.9, longitude: -70.6 });
  expect(showCoordinates({ latitude: -33.9, longitude: -70.6 })).toBe("-33.9, -70.6");
  expect(showCoordinates(null)).toBe("");
});
