import { describe, expect, test } from "bun:test";
import { nameOf, type People } from "./own-name.ts";

const sam = { username: "sam", nickname: "Sammy", first_name: "Sam", last_name: "Rivera" };
const people = (config: Record<string, string> = {}, chosen?: string, profile: object = sam): People => ({
  users: { currentUserId: "1", profiles: { 1: profile } },
  general: { config },
  preferences: { myPreferences: chosen ? { "display_settings--name_format": { value: chosen } } : {} },
});

describe("the name in previews equals the name in activities", () => {
  const cases: Record<string, [People, string]> = {
    "by the server's setting": [people({ TeammateNameDisplay: "full_name" }), "Sam Rivera"],
    "by the server's setting, nickname": [people({ TeammateNameDisplay: "nickname_full_name" }), "Sammy"],
    "user names": [people({ TeammateNameDisplay: "username" }), "@sam"],
    "an own choice": [people({ TeammateNameDisplay: "username" }, "full_name"), "Sam Rivera"],
    "a locked setting": [
      people({ TeammateNameDisplay: "username", LockTeammateNameDisplay: "true" }, "full_name"),
      "@sam",
    ],
    "full names are hidden": [people({ TeammateNameDisplay: "full_name", ShowFullName: "false" }), "@sam"],
    "no full name": [people({ TeammateNameDisplay: "full_name" }, undefined, { username: "sam" }), "@sam"],
    "nobody known": [{}, "Ana Silva"],
  };
  for (const [name, [state, right]] of Object.entries(cases)) {
    test(name, () => expect(nameOf(state)).toBe(right));
  }
});
