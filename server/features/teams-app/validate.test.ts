import { describe, expect, test } from "bun:test";
import { buildConfig } from "../../microsoft/config/index.ts";
import { parseSiteUrl } from "../../platform/settings/index.ts";
import { buildLocalisation, buildManifest, type Manifest, manifestInput } from "./manifest.ts";
import { manifestProblems } from "./validate.ts";

const siteUrl = "https://chat.example.com";
const site = parseSiteUrl(siteUrl)!;

function made() {
  const config = buildConfig(
    {
      m365_tenant_id: "11111111-1111-4111-8111-111111111111",
      m365_client_id: "22222222-2222-4222-8222-222222222222",
      app_id: "33333333-3333-4333-8333-333333333333",
    },
    { siteUrl },
  );
  const input = manifestInput(config, "1.0.0", { smallIcon: true });
  if (Array.isArray(input)) throw new Error("the settings of this test are incomplete");
  const manifest = structuredClone(buildManifest(input));
  return { manifest, localisation: structuredClone(buildLocalisation(input, manifest)) };
}

/** Sets one value by its path in the manifest or, after a file name, in a translation; undefined removes it. */
type Spoil = [path: (string | number)[], value: unknown];

function problemsAfter(...spoils: Spoil[]) {
  const { manifest, localisation } = made();
  for (const [path, value] of spoils) {
    const keys = [...path];
    const last = keys.pop() ?? "";
    const files: Record<string, unknown> = { ...localisation, ...manifest };
    let at = (String(path[0]).endsWith(".json") || keys.length > 0 ? files : manifest) as Record<
      string,
      unknown
    >;
    for (const key of keys) at = at[key] as Record<string, unknown>;
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return manifestProblems(manifest as Manifest, localisation, "1.29", site);
}

test("our manifest has no problems", () => {
  expect(problemsAfter()).toEqual([]);
});

const activityText = (index: number) => `activities.activityTypes[${index}].templateText`;
const tab = { entityId: "mattermost", name: "Again", contentUrl: `${siteUrl}/tab`, scopes: ["personal"] };

describe("a refusal of Microsoft's schema is reported at the field that caused it", () => {
  const cases: [name: string, spoil: Spoil, setting: string][] = [
    ["an unknown key", [["packageName"], "com.example"], "app_manifest_version"],
    ["a missing key", [["developer", "privacyUrl"], undefined], "app_manifest_version"],
    ["an id that is not a GUID", [["id"], "mattermost"], "app_id"],
    ["a short name of 31 characters", [["name", "short"], "x".repeat(31)], "app_name"],
    ["a colour without #", [["accentColor"], "1E325C"], "app_accent_color"],
    [
      "an activity text of 129 characters",
      [["activities", "activityTypes", 0, "templateText"], "x".repeat(129)],
      "app_manifest_version",
    ],
    [
      "17 tabs",
      [["staticTabs"], Array.from({ length: 17 }, (_, n) => ({ entityId: `t${n}`, scopes: ["personal"] }))],
      "app_extra_tabs",
    ],
    [
      "a translated description of 81 characters",
      [["de.json", "description.short"], "x".repeat(81)],
      "app_short_description",
    ],
    ["an unknown key of a translation", [["fr.json", "tab.name"], "x"], "app_manifest_version"],
    ["the manifest of another version", [["manifestVersion"], "1.22"], "app_manifest_version"],
  ];
  for (const [name, spoil, setting] of cases) {
    test(name, () => expect(problemsAfter(spoil).map((problem) => problem.setting)).toContain(setting));
  }

  test("30 characters outside the basic plane count as 30", () => {
    expect(problemsAfter([["name", "short"], "😀".repeat(30)])).toEqual([]);
  });
});

describe("rules that the schema does not contain", () => {
  const cases: [name: string, spoil: Spoil, says: string][] = [
    ["a page under a reserved id", [["staticTabs", 0, "entityId"], "conversations"], "reserved"],
    ["two tabs with one id", [["staticTabs"], [tab, { ...tab, name: "Other" }]], "two tabs"],
    [
      "a tab on another host",
      [["staticTabs", 0, "contentUrl"], "https://other.example.com/tab"],
      "another host",
    ],
    [
      "a tab on another port",
      [["staticTabs", 0, "contentUrl"], "https://chat.example.com:8443/tab"],
      "another host",
    ],
    ["a tab over http", [["staticTabs", 0, "contentUrl"], "http://chat.example.com/tab"], "another host"],
    ["an http privacy page", [["developer", "privacyUrl"], "http://chat.example.com/privacy"], "https://"],
    [
      "an Application ID URI of another host",
      [["webApplicationInfo", "resource"], "api://other/22222222-2222-4222-8222-222222222222"],
      "Application ID URI",
    ],
    [
      "a translation with another placeholder",
      [["ja.json", activityText(0)], "{autor} {channel}"],
      "placeholders",
    ],
    ["a translation without a placeholder", [["es.json", activityText(6)], "more"], "placeholders"],
  ];
  for (const [name, spoil, says] of cases) {
    test(name, () =>
      expect(
        problemsAfter(spoil)
          .map((problem) => problem.says)
          .join("\n"),
      ).toContain(says),
    );
  }
});
