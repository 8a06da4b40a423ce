import { describe, expect, test } from "bun:test";
import { type Declared, declaredPermissions, type Permission } from "./permissions.ts";
import { parseSettings } from "./settings/index.ts";

test("permissions and redirects are listed once, and only while the settings need them", () => {
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
  // Signing in needs no redirect.
  expect(permissions.redirects(off)).toEqual([]);
});

describe("the bot account", () => {
  const delegated = (...names: string[]) =>
    names.map((name): Permission => ({ kind: "delegated", name, isNeeded: (one) => one.channels_enabled }));
  const of = (features: readonly Declared[], raw: object) => {
    const permissions = declaredPermissions();
    permissions.declare(features);
    return permissions.ofBotAccount(parseSettings(raw).settings);
  };
  const channels = {
    permissions: delegated("Channel.Read", "Channel.Send"),
    botPermissions: ["Channel.Send"],
  };
  const on = { channels_enabled: true };

  test("gets the permissions its feature declares for it, not those of members", () => {
    expect(of([channels, { permissions: delegated("Chat.Read") }], on)).toEqual(["Channel.Send"]);
  });

  test("gets nothing while the feature is off", () => {
    expect(of([channels], {})).toEqual([]);
  });

  test("gets a permission that two features need only once", () => {
    expect(of([channels, channels], on)).toEqual(["Channel.Send"]);
  });

  test("gets only permissions that the feature also declares as delegated, where an admin sees them", () => {
    const hidden = {
      permissions: [{ ...delegated("Mail.Send")[0], kind: "application" } as Permission],
      botPermissions: ["Mail.Send", "Directory.Read"],
    };
    expect(of([hidden], on)).toEqual([]);
  });
});
