import { describe, expect, test } from "bun:test";
import { type Declared, declaredPermissions, type Permission } from "./permissions.ts";
import { calendarSettings, channelsSettings, chatsSettings, sectionReader } from "./settings/index.ts";

test("permissions and redirects are listed once, and only while the settings need them", () => {
  const permissions = declaredPermissions();
  const on = sectionReader({ chats_enabled: true });
  const off = sectionReader({});
  expect(permissions.needed("delegated", on)).toEqual([]);
  const read: Permission = {
    ...{ kind: "delegated", name: "Chat.Read" },
    isNeeded: (section) => section(chatsSettings).chats_enabled,
  };
  permissions.declare([
    { permissions: [read], redirects: ["/oauth2/complete"] },
    {
      permissions: [{ ...read, kind: "application", name: "Chat.Read.All" }, read],
      redirects: ["/oauth2/complete"],
    },
    {
      permissions: [
        {
          ...read,
          name: "Calendars.Read",
          isNeeded: (section) => section(calendarSettings).calendar_enabled,
        },
      ],
    },
    { permissions: [{ ...read, kind: "sign_in", name: "User.Read", isNeeded: () => true }] },
    {},
  ]);
  expect(permissions.needed("delegated", on)).toEqual(["Chat.Read"]);
  expect(permissions.needed("application", on)).toEqual(["Chat.Read.All"]);
  expect(permissions.redirects(on)).toEqual(["/oauth2/complete"]);
  expect(permissions.needed("sign_in", off)).toEqual(["User.Read"]);
  expect(permissions.needed("delegated", off)).toEqual([]);
  // Signing in needs no redirect.
  expect(permissions.redirects(off)).toEqual([]);
});

describe("the bot account", () => {
  const delegated = (...names: string[]) =>
    names.map(
      (name): Permission => ({
        kind: "delegated",
        name,
        isNeeded: (section) => section(channelsSettings).channels_enabled,
      }),
    );
  const of = (features: readonly Declared[], raw: object) => {
    const permissions = declaredPermissions();
    permissions.declare(features);
    return permissions.ofBotAccount(sectionReader(raw));
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
