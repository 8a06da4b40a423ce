import { describe, expect, test } from "bun:test";
import { onOff, PREFERENCE_CATEGORY, preference, preferences } from "./index.ts";

const tea = preferences({
  served: onOff("tea_served"),
  sugar: preference<number>("tea_sugar", {
    read: (value) => (/^\d$/.test(value) ? Number(value) : null),
    print: String,
  }),
});
const row = (Name: string, Value: string, Category = PREFERENCE_CATEGORY) => ({ Category, Name, Value });

describe("preferences", () => {
  test("what is stored is read; nothing, and what cannot be read, is no choice", () => {
    expect(tea.read([row("tea_served", "off"), row("tea_sugar", "2")])).toEqual({ served: false, sugar: 2 });
    for (const rows of [[], [row("tea_served", "default")], [row("tea_served", "perhaps")]])
      expect(tea.read(rows)).toEqual({ served: null, sugar: null });
    expect(tea.read([row("tea_sugar", "much")]).sugar).toBeNull();
  });
  test("rows of others are not ours", () => {
    expect(tea.has(row("tea_served", "on"))).toBe(true);
    expect(tea.has(row("tea_milk", "on"))).toBe(false);
    expect(tea.has(row("tea_served", "on", "display_settings"))).toBe(false);
    expect(tea.read([row("tea_served", "on", "display_settings")]).served).toBeNull();
  });
  test("a word of a command becomes a row; a word that is no value does not", () => {
    expect(tea.row("ana", "served", "off")).toEqual({
      ...{ UserId: "ana", Category: PREFERENCE_CATEGORY, Name: "tea_served", Value: "off" },
    });
    expect(tea.row("ana", "sugar", "2")?.Value).toBe("2");
    expect(tea.row("ana", "served", "perhaps")).toBeNull();
  });
  test("the panel offers the same values, with the admin's default in front", () => {
    expect(tea.all.served.options).toEqual(["default", "on", "off"]);
    expect(tea.all.sugar.options).toEqual([]);
  });
  test("a name that does not fit into a row is refused", () => {
    expect(() => onOff("x".repeat(33))).toThrow("32");
  });
});
