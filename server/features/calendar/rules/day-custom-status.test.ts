// Scenarios of a day, driven by a clock that the tests move. The letters and numbers name the scenarios that we
// support.
import { describe, expect, test } from "bun:test";
import { meeting, on, person } from "./testing/simulated-person.ts";

describe("A: the custom status", () => {
  test("A44: ends the custom status with the span", () => {
    const sam = person([meeting("a", "10:00", "11:00"), meeting("b", "10:30", "11:30")], {
      customStatus: true,
    });
    sam.passTo(on("12:00"));
    expect(sam.seen[0]).toBe("10:00 shows In a meeting until 11:30");
    expect(sam.custom).toBeNull();
    expect(sam.memory.custom).toBeNull();
  });

  test("A45: leaves a custom status of the person alone before, during and after", () => {
    const sam = person([meeting("a", "10:00", "11:00")], { customStatus: true });
    sam.custom = { emoji: "palm_tree", text: "On leave", expiresAt: null };
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual([]);
    expect(sam.custom.text).toBe("On leave");
  });

  test("A46: stays away until the next span if the person cleared ours", () => {
    const sam = person([meeting("a", "10:00", "11:00"), meeting("b", "14:00", "15:00")], {
      customStatus: true,
    });
    sam.passTo(on("10:10"));
    sam.custom = null;
    for (const time of ["10:20", "10:40"]) {
      sam.passTo(on(time));
      sam.look();
      expect(sam.custom).toBeNull();
    }
    sam.passTo(on("14:00"));
    expect(sam.seen).toEqual([
      "10:00 shows In a meeting until 11:00",
      "14:00 shows In a meeting until 15:00",
    ]);
  });

  test("A46: gives way if the person replaced ours, and never removes theirs", () => {
    const sam = person([meeting("a", "10:00", "11:00")], { customStatus: true });
    sam.passTo(on("10:10"));
    sam.custom = { emoji: "coffee", text: "Break", expiresAt: null };
    sam.passTo(on("12:00"));
    expect(sam.custom.text).toBe("Break");
  });
});
