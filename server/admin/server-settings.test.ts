/** Tests server settings after gob: an absent one is a zero value, and no code may give it another default. */

import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { serverRulesOf } from "../features/activity/rules/from-mattermost.ts";
import { serverRules } from "../people/server-rules.ts";
import { travelled } from "../runtime/mattermost/testing/travelled.ts";
import { Config } from "../runtime/mattermost/wire/config.gen.ts";
import type { Input } from "../runtime/mattermost/wire/shapes.ts";
import { readServerFacts } from "./server-facts.ts";

const server = (given: Input<Config>) => {
  const config = travelled(Config, given);
  return { getConfig: async () => config };
};

test('false, 0 and "" are not sent, and are read as false, 0 and ""', () => {
  const config = travelled(Config, {
    PrivacySettings: { ShowFullName: false, ShowEmailAddress: true },
    TeamSettings: { MaxNotificationsPerChannel: 0, TeammateNameDisplay: "" },
  });
  expect(config.PrivacySettings.ShowFullName).toBe(false);
  expect(config.PrivacySettings.ShowEmailAddress).toBe(true);
  expect(config.TeamSettings.MaxNotificationsPerChannel).toBe(0);
  expect(config.TeamSettings.TeammateNameDisplay).toBe("");
  // A section of which nothing was sent.
  expect(config.ServiceSettings.EnableTesting).toBe(false);
});

describe("each reader, with every switch off and with every switch on", () => {
  const off = {
    ServiceSettings: {
      SiteURL: "",
      FrameAncestors: "",
      CollapsedThreads: "disabled",
      ThreadAutoFollow: false,
      EnablePostUsernameOverride: false,
      AllowCookiesForSubdomains: false,
      ExtendSessionLengthWithActivity: false,
      SessionLengthWebInHours: 0,
      SessionLengthSSOInHours: 0,
    },
    TeamSettings: {
      MaxNotificationsPerChannel: 0,
      TeammateNameDisplay: "",
      LockTeammateNameDisplay: false,
      EnableOpenServer: false,
      EnableUserCreation: false,
    },
    EmailSettings: { PushNotificationContents: "", EnableSignUpWithEmail: false },
    PrivacySettings: { ShowFullName: false },
  };
  const on = {
    ServiceSettings: {
      SiteURL: "https://chat.example.com",
      FrameAncestors: "teams.microsoft.com",
      CollapsedThreads: "always_on",
      ThreadAutoFollow: true,
      EnablePostUsernameOverride: true,
      AllowCookiesForSubdomains: true,
      ExtendSessionLengthWithActivity: true,
      SessionLengthWebInHours: 24,
      SessionLengthSSOInHours: 48,
    },
    TeamSettings: {
      MaxNotificationsPerChannel: 50,
      TeammateNameDisplay: "full_name",
      LockTeammateNameDisplay: true,
      EnableOpenServer: true,
      EnableUserCreation: true,
    },
    EmailSettings: {
      PushNotificationContents: "generic",
      SendPushNotifications: true,
      EnableSignUpWithEmail: true,
    },
    PrivacySettings: { ShowFullName: true },
  };

  test("notifications: a server that hides full names is obeyed", async () => {
    expect(serverRulesOf(await server(off).getConfig(), null)).toEqual({
      maxNotificationsPerChannel: 0,
      collapsedThreads: "disabled",
      threadAutoFollow: false,
      enablePostUsernameOverride: false,
      teammateNameDisplay: "",
      lockTeammateNameDisplay: false,
      showFullName: false,
      pushContents: "",
      pushes: false,
    });
    expect(serverRulesOf(await server(on).getConfig(), null)).toEqual({
      maxNotificationsPerChannel: 50,
      collapsedThreads: "always_on",
      threadAutoFollow: true,
      enablePostUsernameOverride: true,
      teammateNameDisplay: "full_name",
      lockTeammateNameDisplay: true,
      showFullName: true,
      pushContents: "generic",
      pushes: true,
    });
  });

  test("sign-in: sessions and open sign-up", async () => {
    expect(await serverRules(server(off)).current()).toEqual({
      webHours: 0,
      ssoHours: 0,
      extendsSessions: false,
      cookiesForSubdomains: false,
      openSignUp: false,
    });
    expect(await serverRules(server(on)).current()).toEqual({
      webHours: 24,
      ssoHours: 48,
      extendsSessions: true,
      cookiesForSubdomains: true,
      openSignUp: true,
    });
  });

  for (const closed of [
    { TeamSettings: { ...on.TeamSettings, EnableOpenServer: false } },
    { TeamSettings: { ...on.TeamSettings, EnableUserCreation: false } },
    { EmailSettings: { ...on.EmailSettings, EnableSignUpWithEmail: false } },
  ]) {
    const name = JSON.stringify(closed).match(/"(\w+)":false/)?.[1];
    test(`sign-in: ${name} alone closes sign-up`, async () => {
      expect((await serverRules(server({ ...on, ...closed })).current()).openSignUp).toBe(false);
    });
  }

  test("console: address, frame, cookies", async () => {
    expect(await readServerFacts(server(off))).toEqual({
      siteUrl: "",
      frameAncestors: "",
      allowCookiesForSubdomains: false,
    });
    expect(await readServerFacts(server(on))).toEqual({
      siteUrl: "https://chat.example.com",
      frameAncestors: "teams.microsoft.com",
      allowCookiesForSubdomains: true,
    });
  });

  test("a missing configuration is an error, not a set of defaults", async () => {
    const silent = { getConfig: async () => null };
    await expect(serverRules(silent).current()).rejects.toThrow("configuration");
    await expect(readServerFacts(silent)).rejects.toThrow("configuration");
  });
});

test("no code gives a server setting another default than its zero value, and none saves a whole configuration", async () => {
  // Fields of Go structs begin with a capital. `?? true`, `?? 720`, `?? "full"`, `!== false` are such defaults.
  const otherDefault = /(?<!headers)\.[A-Z]\w*\s*(\?\?\s*(true|-?[1-9]|["'`](?!["'`]))|!==?\s*false)/;
  const found: string[] = [];
  for await (const file of new Glob("**/*.ts").scan({ cwd: `${import.meta.dir}/..` })) {
    // The layers below Mattermost's own types read no server settings.
    if (/\.(test|gen)\.ts$|\/testing\/|^runtime\/(gob|goplugin)\//.test(file)) continue;
    const lines = (await Bun.file(`${import.meta.dir}/../${file}`).text()).split("\n");
    for (const line of lines) {
      if (otherDefault.test(line)) found.push(`${file}: ${line.trim()}`);
      if (!file.startsWith("runtime/mattermost/") && line.includes(".saveConfig("))
        found.push(`${file}: ${line.trim()}`);
    }
  }
  expect(found).toEqual([]);
  // The expression must find these.
  for (const line of ["a.B ?? true", "a?.B ?? 720", 'a.B ?? "full"', "config.X !== false"])
    expect(otherDefault.test(line)).toBe(true);
  for (const line of ["a.B ?? false", "a.B ?? 0", 'a.B ?? ""', "a.b ?? true"])
    expect(otherDefault.test(line)).toBe(false);
});
