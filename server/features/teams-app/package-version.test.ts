/** The version of the package grows when its contents change. */

import { describe, expect, test } from "bun:test";
import { complete, issued, world } from "./testing/package-world.ts";

describe("the version", () => {
  test("stays for the same content and rises when it changed, with the list of changes", async () => {
    const { teamsApp, preview, change } = world();
    expect((await issued(teamsApp)).version).toBe("1.0.0");
    expect((await issued(teamsApp)).version).toBe("1.0.0");
    change({ app_name: "Chat" });
    const next = await preview();
    expect(next).toMatchObject({ version: "1.0.1", lastVersion: "1.0.0" });
    expect(next.changes).toContainEqual({
      path: "manifest.json/name/short",
      before: 'Chat "Ops"',
      after: "Chat",
    });
    expect((await issued(teamsApp)).version).toBe("1.0.1");
    expect((await preview()).changes).toEqual([]);
  });

  test("the app ID of the issued package is remembered", async () => {
    const { teamsApp, preview, change } = world();
    expect((await preview()).lastAppId).toBeNull();
    await issued(teamsApp);
    change({ app_id: "99999999-9999-4999-8999-999999999999" });
    expect((await preview()).lastAppId).toBe(complete.app_id);
  });

  test("of the admin is used when it is higher", async () => {
    const { teamsApp, change } = world();
    await issued(teamsApp);
    change({ app_name: "Chat", app_version: "2.4.0" });
    expect((await issued(teamsApp)).version).toBe("2.4.0");
  });

  test("rises above what another server published", async () => {
    const { teamsApp, catalogHas } = world();
    catalogHas("3.1.4");
    expect((await issued(teamsApp)).version).toBe("3.1.5");
    expect((await issued(teamsApp)).version).toBe("3.1.5");
  });

  test("is the same for two admins at once", async () => {
    const { teamsApp } = world();
    const versions = await Promise.all([issued(teamsApp), issued(teamsApp)]);
    expect(versions.map(({ version }) => version)).toEqual(["1.0.0", "1.0.0"]);
  });

  for (const record of ['{"version":7}', '{"version":"1.0', "null"])
    test(`survives the damaged record ${record}`, async () => {
      const { teamsApp, store } = world();
      store.entries.set("teams-app/issued", new TextEncoder().encode(record));
      expect((await issued(teamsApp)).version).toBe("1.0.0");
    });
});
