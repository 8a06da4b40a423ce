import { describe, expect, test } from "bun:test";
import {
  onOff,
  PREFERENCE_CATEGORY,
  preference,
  preferences,
  type QuietHours,
  quietEnds,
  quietHours,
  someOf,
} from "./index.ts";

const tea = preferences({
  served: onOff("tea_served"),
  sugar: preference<number>("tea_sugar", {
    read: (value) => (/^\d$/.test(value) ? Number(value) : null),
    print: String,
  }),
});
const row = (Name: string, Value: string, Category = PREFERENCE_CATEGORY) => ({ Category, Name, Value });

describe("preferences", () => {
  test("a stored choice is read; none, or an unreadable one, means no choice", () => {
    expect(tea.read([row("tea_served", "off"), row("tea_sugar", "2")])).toEqual({ served: false, sugar: 2 });
    for (const rows of [[], [row("tea_served", "default")], [row("tea_served", "perhaps")]])
      expect(tea.read(rows)).toEqual({ served: null, sugar: null });
    expect(tea.read([row("tea_sugar", "much")]).sugar).toBeNull();
  });
  test("ignores rows of others", () => {
    expect(tea.has(row("tea_served", "on"))).toBe(true);
    expect(tea.has(row("tea_milk", "on"))).toBe(false);
    expect(tea.has(row("tea_served", "on", "display_settings"))).toBe(false);
    expect(tea.read([row("tea_served", "on", "display_settings")]).served).toBeNull();
  });
  test("a word of a command becomes a row; a word that is not a value does not", () => {
    expect(tea.row("ana", "served", "off")).toEqual({
      ...{ UserId: "ana", Category: PREFERENCE_CATEGORY, Name: "tea_served", Value: "off" },
    });
    expect(tea.row("ana", "sugar", "2")?.Value).toBe("2");
    expect(tea.row("ana", "served", "perhaps")).toBeNull();
  });
  test("the panel offers the same values, with the admin's default first", () => {
    expect(tea.all.served.options).toEqual(["default", "on", "off"]);
    expect(tea.all.sugar.options).toEqual([]);
  });
  test("refuses a name that does not fit into a row", () => {
    expect(() => onOff("x".repeat(33))).toThrow("32");
  });
});

describe("choices as JSON, in a route or a record", () => {
  const lunch = preferences({
    served: onOff("served"),
    dishes: someOf("dishes", ["soup", "salad", "pie"]),
    quiet: quietHours("quiet"),
  });
  const nothing = lunch.none;
  const all = { served: true, dishes: ["pie", "soup"], quiet: "22:00-07:00" };

  test("applies a partial change and returns the choices in the order of the definition", () => {
    const { choices, problems } = lunch.changed(nothing, all);
    expect({ ...problems }).toEqual({});
    expect(choices.quiet).toEqual({ from: 22 * 60, to: 7 * 60 });
    expect(lunch.toJson(choices)).toEqual({ ...all, dishes: ["soup", "pie"] });
    expect(lunch.fromJson(lunch.toJson(choices))).toEqual(choices);
    const off = lunch.changed(choices, { quiet: "", dishes: [] }).choices;
    expect(lunch.toJson(off)).toEqual({ served: true, dishes: [], quiet: "" });
    expect(lunch.toJson(nothing)).toEqual({});
  });

  const wrong: [Record<string, unknown>, Record<string, string>][] = [
    [{ served: "on" }, { served: "invalid" }],
    [{ served: null }, { served: "invalid" }],
    [{ dishes: "soup" }, { dishes: "invalid" }],
    [{ dishes: ["soup", "snail"] }, { dishes: "invalid" }],
    [{ quiet: "9-10" }, { quiet: "invalid" }],
    [{ quiet: "09:00-09:00" }, { quiet: "invalid" }],
    [{ drinks: true }, { drinks: "unknown" }],
    [
      { constructor: true, toString: 1 },
      { constructor: "unknown", toString: "unknown" },
    ],
    [{ served: true, dishes: 1 }, { dishes: "invalid" }],
  ];
  for (const [part, expected] of wrong)
    test(`${JSON.stringify(part)} changes nothing`, () => {
      const { choices, problems } = lunch.changed(nothing, part);
      expect(choices).toBe(nothing);
      expect({ ...problems }).toEqual(expected as typeof problems);
    });

  test("reads only valid stored values", () => {
    expect(lunch.fromJson({ served: false, dishes: 7, drinks: 1 })).toEqual({ ...nothing, served: false });
    for (const stored of [null, 5, "x", []]) expect(lunch.fromJson(stored)).toEqual(nothing);
  });

  test("distinguishes an empty set from no choice in rows and commands", () => {
    const { dishes, quiet } = lunch.all;
    expect([dishes.read(""), dishes.read("none"), dishes.read("pie,soup"), dishes.read("snail")]).toEqual([
      null,
      new Set(),
      new Set(["pie", "soup"] as const),
      null,
    ]);
    expect([dishes.print(new Set()), dishes.print(new Set(["pie", "soup"]))]).toEqual(["none", "soup,pie"]);
    expect([quiet.read("off"), quiet.read(""), quiet.print("off")]).toEqual(["off", null, "off"]);
  });
});

describe("the end of quiet hours", () => {
  const night = { from: 22 * 60, to: 7 * 60 };
  const cases: [string, QuietHours, string, string, string][] = [
    ["before midnight", night, "2026-11-28T22:30:00Z", "UTC", "2026-11-29T07:00:00Z"],
    ["after midnight", night, "2026-11-29T06:59:59Z", "UTC", "2026-11-29T07:00:00Z"],
    ["at its own minute", night, "2026-11-29T07:00:00Z", "UTC", "2026-11-30T07:00:00Z"],
    ["in another zone", night, "2026-11-28T21:30:00Z", "Europe/Berlin", "2026-11-29T06:00:00Z"],
    ["over a night of 23 hours", night, "2026-03-28T22:30:00Z", "Europe/Berlin", "2026-03-29T05:00:00Z"],
    ["over a night of 25 hours", night, "2026-10-24T21:30:00Z", "Europe/Berlin", "2026-10-25T06:00:00Z"],
    ["in a zone that nobody knows", night, "2026-11-28T22:30:00Z", "Mars/Base", "2026-11-29T07:00:00Z"],
    ["in no zone", night, "2026-11-28T22:30:00Z", "", "2026-11-29T07:00:00Z"],
    ["within a day", { from: 720, to: 780 }, "2026-11-28T12:00:00Z", "UTC", "2026-11-28T13:00:00Z"],
  ];
  for (const [name, span, now, zone, end] of cases)
    test(name, () => expect(quietEnds(span, Date.parse(now), zone)).toBe(Date.parse(end)));
});
