// A failure says what happened and what to do, in words and at its field.
import { describe, expect, it } from "vitest";
import { ApiFailure, OfflineFailure, adviceFor, fieldError, formError, wordsFor } from "./failure";

const failure = (status: number, code: string, field: string | null = null) => new ApiFailure(status, code, "server's words", field, null);

describe("failures in words", () => {
  it("known codes have their own sentence", () => expect(wordsFor(failure(409, "stale_version"))).toContain("Someone changed"));
  it("unknown codes keep the server's sentence", () => expect(wordsFor(failure(422, "outcome_not_allowed"))).toBe("server's words"));
  it("a lost server is not blamed on the person", () => expect(adviceFor(new OfflineFailure())).toContain("connection"));
  it("a wait names its seconds", () => expect(adviceFor(new ApiFailure(429, "too_many_attempts", "", null, 30))).toContain("30"));
  it("an error of a shown field stands there and not at the foot", () => {
    const error = failure(422, "invalid", "name");
    expect(fieldError(error, "name")).toBe("server's words");
    expect(formError(error, ["name"])).toBeNull();
    expect(formError(error, ["key"])).toBe("server's words");
  });
});
