import { describe, expect, test } from "bun:test";
import { type Applicant, type MayNotConnect, mayConnect, type Seats } from "./who-may-connect.ts";

const ana: Applicant = {
  isBot: false,
  isRemote: false,
  isGuest: false,
  isActive: true,
  connectedOnce: false,
  onList: false,
};
const free: Seats = { limit: 10, taken: 3, restricted: false };

describe("who may connect", () => {
  const cases: [name: string, Partial<Applicant>, Partial<Seats>, MayNotConnect | null][] = [
    ["a member with a free seat", {}, {}, null],
    ["the last seat", {}, { taken: 9 }, null],
    ["all seats taken", {}, { taken: 10 }, "no_seat"],
    ["more taken than there are, after the limit was lowered", {}, { taken: 20 }, "no_seat"],
    ["limit 0", {}, { limit: 0, taken: 0 }, "no_seat"],
    ["limit 0, connected once", { connectedOnce: true }, { limit: 0 }, null],
    ["all seats taken, connected once", { connectedOnce: true }, { taken: 10 }, null],
    ["restricted, not on the list", {}, { restricted: true }, "not_listed"],
    ["restricted, on the list", { onList: true }, { restricted: true }, null],
    ["restricted, on the list, no seat", { onList: true }, { restricted: true, taken: 10 }, "no_seat"],
    ["restricted, connected once", { connectedOnce: true }, { restricted: true }, null],
    ["a guest", { isGuest: true }, {}, "guest"],
    ["a guest who was connected once", { isGuest: true, connectedOnce: true }, {}, "guest"],
    ["a guest on the list", { isGuest: true, onList: true }, { restricted: true }, "guest"],
    ["a bot", { isBot: true, connectedOnce: true }, {}, "bot"],
    ["a person of another server", { isRemote: true }, {}, "bot"],
    ["somebody deactivated", { isActive: false, connectedOnce: true }, {}, "inactive"],
  ];
  for (const [name, applicant, seats, refusal] of cases)
    test(`${name}: ${refusal ?? "yes"}`, () =>
      expect(mayConnect({ ...ana, ...applicant }, { ...free, ...seats })).toBe(refusal));
});
