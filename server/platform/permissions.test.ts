import { expect, test } from "bun:test";
import { declaredPermissions, type Permission } from "./permissions.ts";
import { parseSettings } from "./settings/index.ts";

test("permissions and redirects are needed once each, and only while the settings need them", () => {
  const permissions = declaredPermissions();
  const { settings } = parseSettings({ chats_enabled: true });
  const off = parseSettings({}).settings;
  expect(permissions.needed("delegated", settings)).toEqual([]);
  const read: Permission = {
    ...{ kind: "delegated", name: "Chat.Read" },
    isNeeded: ({ chats_enabled }) => chats_enabled,
  };
  permissions.declare([
    { permissions: [read], redirects: ["/oauth2/complete"] },
    {
      permissions: [{ ...read, kind: "application", name: "Chat.Read.All" }, read],
      redirects: ["/oauth2/complete"],
    },
    {
      permissions: [
        { ...read, name: "Calendars.Read", isNeeded: ({ calendar_enabled }) => calendar_enabled },
      ],
    },
    { permissions: [{ ...read, kind: "sign_in", name: "User.Read", isNeeded: () => true }] },
    {},
  ]);
  expect(permissions.needed("delegated", settings)).toEqual(["Chat.Read"]);
  expect(permissions.needed("application", settings)).toEqual(["Chat.Read.All"]);
  expect(permissions.redirects(settings)).toEqual(["/oauth2/complete"]);
  expect(permissions.needed("sign_in", off)).toEqual(["User.Read"]);
  expect(permissions.needed("delegated", off)).toEqual([]);
  // Signing in sends nobody anywhere.
  expect(permissions.redirects(off)).toEqual([]);
});
