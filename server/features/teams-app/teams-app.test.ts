import { describe, expect, test } from "bun:test";
import { activityTypes, languages, manifestVersions } from "./index.ts";
import { complete, issued, world } from "./testing/package-world.ts";

const manifestOf = (files: Map<string, Buffer>) => JSON.parse(String(files.get("manifest.json")));

describe("the package", () => {
  test("has the files that Microsoft requires at its root, and nothing else", async () => {
    const { files, fileName } = await issued(world().teamsApp);
    expect([...files.keys()].sort()).toEqual([
      "color.png",
      "color32.png",
      "de.json",
      "es.json",
      "fr.json",
      "ja.json",
      "manifest.json",
      "outline.png",
    ]);
    expect(fileName).toBe("mattermost-teams-app-1.0.0.zip");
  });

  test("contains the app's name, address and registration", async () => {
    const manifest = manifestOf((await issued(world().teamsApp)).files);
    expect(manifest.id).toBe(complete.app_id);
    expect(manifest.name.short).toBe('Chat "Ops"');
    expect(manifest.webApplicationInfo).toEqual({
      id: complete.m365_client_id,
      resource: `api://chat.example.com/${complete.m365_client_id}`,
    });
    expect(manifest.staticTabs[0]).toMatchObject({
      entityId: "mattermost",
      contentUrl:
        "https://chat.example.com/plugins/mission-collaboration/tab?theme={app.theme}&locale={app.locale}",
    });
    expect(manifest.staticTabs.at(-1)).toEqual({ entityId: "about", scopes: ["personal"] });
    expect(manifest.devicePermissions).toContain("media");
    expect(JSON.stringify(manifest)).not.toContain("{{");
  });

  test("is identical byte for byte for the same settings, also on another server", async () => {
    const [one, two] = [await issued(world().teamsApp), await issued(world().teamsApp)];
    expect(Buffer.compare(one.bytes, two.bytes)).toBe(0);
    const other = await issued(world({ app_name: "Chat" }).teamsApp);
    expect(Buffer.compare(one.bytes, other.bytes)).not.toBe(0);
  });

  test("under a sub-path and a port: the address has them, the Application ID URI does not", async () => {
    const manifest = manifestOf((await issued(world({}, "https://example.com:8443/mm/").teamsApp)).files);
    expect(manifest.webApplicationInfo.resource).toBe(`api://example.com/${complete.m365_client_id}`);
    expect(manifest.staticTabs[0].contentUrl).toBe(
      "https://example.com:8443/mm/plugins/mission-collaboration/tab?theme={app.theme}&locale={app.locale}",
    );
    expect(manifest.validDomains).toEqual(["example.com:8443"]);
  });

  for (const version of manifestVersions) {
    test(`is valid as manifest ${version}`, async () => {
      const wanted = version === manifestVersions[0] ? "latest" : version;
      const manifest = manifestOf((await issued(world({ app_manifest_version: wanted }).teamsApp)).files);
      expect(manifest.manifestVersion).toBe(version);
      expect("color32x32" in manifest.icons).toBe(Number(version.slice(2)) >= 21);
    });
  }

  test("requests the resource-specific permission only when that is chosen", async () => {
    expect(manifestOf((await issued(world().teamsApp)).files).authorization).toBeUndefined();
    const chosen = await issued(world({ app_resource_specific_consent: true }).teamsApp);
    expect(manifestOf(chosen.files).authorization.permissions.resourceSpecific).toEqual([
      { name: "TeamsActivity.Send.User", type: "Application" },
    ]);
  });

  test("offers to pin a channel only while linked channels are on", async () => {
    expect(manifestOf((await issued(world().teamsApp)).files).configurableTabs).toBeUndefined();
    for (const version of manifestVersions) {
      const wanted = version === manifestVersions[0] ? "latest" : version;
      const made = await issued(world({ channels_enabled: true, app_manifest_version: wanted }).teamsApp);
      expect(manifestOf(made.files).configurableTabs).toEqual([
        {
          configurationUrl:
            "https://chat.example.com/plugins/mission-collaboration/tab/configure?theme={app.theme}&locale={app.locale}",
          canUpdateConfiguration: true,
          scopes: ["team", "groupChat"],
          context: [
            "channelTab",
            "privateChatTab",
            "meetingChatTab",
            "meetingDetailsTab",
            "meetingSidePanel",
          ],
        },
      ]);
    }
  });

  test("has no activities in China, where there is no feed", async () => {
    const manifest = manifestOf(
      (await issued(world({ national_cloud: "china", app_resource_specific_consent: true }).teamsApp)).files,
    );
    expect(manifest.activities).toBeUndefined();
    expect(manifest.authorization).toBeUndefined();
  });

  test("has every reason in five languages with the same placeholders", async () => {
    const { files } = await issued(world().teamsApp);
    const types = manifestOf(files).activities.activityTypes;
    expect(types.map((activity: { type: string }) => activity.type)).toEqual([...activityTypes]);
    for (const language of ["de", "fr", "es", "ja"]) {
      const strings = JSON.parse(String(files.get(`${language}.json`)));
      for (const index of types.keys()) {
        expect(strings[`activities.activityTypes[${index}].templateText`]).toBeString();
      }
      expect(strings["description.short"]).not.toBe(languages.en?.["description.short"]);
    }
  });

  test("uses the admin's own text in every language", async () => {
    const { files } = await issued(world({ app_short_description: "Our chat" }).teamsApp);
    expect(JSON.parse(String(files.get("ja.json")))["description.short"]).toBe("Our chat");
  });
});

describe("extra tabs", () => {
  const withTabs = (text: string, siteUrl?: string) => world({ app_extra_tabs: text }, siteUrl).teamsApp;

  test("come between Mattermost and About, and bring the tab bar back", async () => {
    const text = "Ops | https://chat.example.com/sales/channels/ops\nRuns | /playbooks/runs?status=active";
    const manifest = manifestOf((await issued(withTabs(text))).files);
    expect(manifest.staticTabs.map((tab: { name?: string }) => tab.name)).toEqual([
      "Mattermost",
      "Ops",
      "Runs",
      undefined,
    ]);
    expect(manifest.staticTabs[2].contentUrl).toBe(
      "https://chat.example.com/plugins/mission-collaboration/tab?theme={app.theme}&locale={app.locale}&open=%2Fplaybooks%2Fruns%3Fstatus%3Dactive",
    );
    expect(manifest.isFullScreen).toBe(false);
    expect(manifestOf((await issued(withTabs(""))).files).isFullScreen).toBe(true);
  });

  test("drop the sub-path, which the server's address already has", async () => {
    const made = await issued(
      withTabs("Ops | https://example.com/mm/sales/channels/ops", "https://example.com/mm"),
    );
    expect(manifestOf(made.files).staticTabs[1].websiteUrl).toBe("https://example.com/mm/sales/channels/ops");
  });

  const refused: [name: string, text: string, says: string][] = [
    ["another host", "X | https://evil.example/a", "must lead to a page of"],
    ["a look-alike of the sub-path", "X | https://example.com/mmx/a", "must lead to a page of"],
    ["a path that browsers read as a host", "X | //evil.example/a", "must lead to a page of"],
    ["a script", "X | javascript:alert(1)", "must lead to a page of"],
    ["http", "X | http://example.com/mm/a", "must lead to a page of"],
    ["no bar", "just text", 'has no "|"'],
    ["no name", " | /a/channels/b", "needs a name"],
    ["a long name", `${"x".repeat(129)} | /a/channels/b`, "needs a name"],
    ["the same address twice", "A | /a/b\nB | /a/b", "repeats an address"],
    ["too many", Array.from({ length: 15 }, (_, n) => `T${n} | /t/${n}`).join("\n"), "at most 14"],
  ];
  for (const [name, text, says] of refused) {
    test(`refuse ${name}`, async () => {
      const { problems } = await world({ app_extra_tabs: text }, "https://example.com/mm").preview();
      expect(problems.map((problem) => problem.says).join()).toContain(says);
      expect(problems.every(({ setting }) => setting === "app_extra_tabs")).toBe(true);
    });
  }
});

describe("missing or wrong settings give a list of problems instead of a ZIP", () => {
  const cases: [name: string, settings: Record<string, unknown>, setting: string][] = [
    ["no tenant", { m365_tenant_id: "" }, "m365_tenant_id"],
    ["no client", { m365_client_id: "" }, "m365_client_id"],
    ["no app id", { app_id: "" }, "app_id"],
    ["a name of 31 characters", { app_name: "x".repeat(31) }, "app_name"],
    ["a description of 81 characters", { app_short_description: "x".repeat(81) }, "app_short_description"],
    ["a publisher of 33 characters", { app_publisher: "x".repeat(33) }, "app_publisher"],
    ["a colour by name", { app_accent_color: "navy" }, "app_accent_color"],
    ["an http privacy page", { app_privacy_url: "http://example.com/privacy" }, "app_privacy_url"],
    ["an unknown manifest version", { app_manifest_version: "2.0" }, "app_manifest_version"],
  ];
  for (const [name, settings, setting] of cases) {
    test(name, async () => {
      const { teamsApp, store } = world(settings);
      const made = await teamsApp.issue();
      expect("problems" in made && made.problems.map((problem) => problem.setting)).toEqual([setting]);
      expect(store.entries.size).toBe(0);
    });
  }

  test("an http site URL", async () => {
    const made = await world({}, "http://chat.example.com").teamsApp.issue();
    expect("problems" in made && made.problems[0]?.setting).toBe("SiteURL");
  });

  test("a missing secret does not prevent it", async () => {
    expect("bytes" in (await world({ m365_client_secret: "" }).teamsApp.issue())).toBe(true);
  });
});
