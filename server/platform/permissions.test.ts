import { describe, expect, test } from "bun:test";
import { type Declared, declaredPermissions, type Permission } from "./permissions.ts";
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

  test("gets what its feature says, not what people get", () => {
    expect(of([channels, { permissions: delegated("Chat.Read") }], on)).toEqual(["Channel.Send"]);
  });

  test("gets nothing while the feature is off", () => {
    expect(of([channels], {})).toEqual([]);
  });

  test("gets a permission of two features once", () => {
    expect(of([channels, channels], on)).toEqual(["Channel.Send"]);
  });

  test("never gets a permission that an admin does not see among the feature's delegated ones", () => {
    const hidden = {
      permissions: [{ ...delegated("Mail.Send")[0], kind: "application" } as Permission],
      botPermissions: ["Mail.Send", "Directory.Read"],
    };
    expect(of([hidden], on)).toEqual([]);
  });
});
