import { expect, test } from "bun:test";
import { declaredPermissions } from "./permissions.ts";
import { parseSettings } from "./settings/index.ts";

test("permissions are needed once each, and only while the settings need them", () => {
  const permissions = declaredPermissions();
  const { settings } = parseSettings({ chats_enabled: true });
  expect(permissions.needed("delegated", settings)).toEqual([]);
  permissions.declare([
    { kind: "delegated", name: "Chat.Read", isNeeded: ({ chats_enabled }) => chats_enabled },
    { kind: "application", name: "Chat.Read.All", isNeeded: ({ chats_enabled }) => chats_enabled },
    { kind: "delegated", name: "Calendars.Read", isNeeded: ({ calendar_enabled }) => calendar_enabled },
    { kind: "delegated", name: "Chat.Read", isNeeded: () => true },
  ]);
  expect(permissions.needed("delegated", settings)).toEqual(["Chat.Read"]);
  expect(permissions.needed("application", settings)).toEqual(["Chat.Read.All"]);
  expect(permissions.needed("delegated", parseSettings({}).settings)).toEqual(["Chat.Read"]);
});
