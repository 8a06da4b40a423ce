/** A feature that is added to the product appears in every place without further code. */

import { describe, expect, test } from "bun:test";
import { errorsPage } from "../../build/errors-page.ts";
import { declaredFeatures } from "../../build/product-features.ts";
import { storedKeysPage } from "../../build/stored-keys-page.ts";
import type { CheckAnswer } from "../platform/checks.ts";
import type { Feature } from "../platform/feature.ts";
import { declaredPermissions } from "../platform/permissions.ts";
import { openStage, world } from "./testing/stage.ts";

openStage();

const table: Readonly<Record<string, string>> = {
  "title.tea": "Tea is ready",
  "seen.kettle": "The kettle has {count} litres.",
  "seen.kettle.one": "The kettle has one litre.",
  "cure.kettle": "Fill the kettle.",
};

const teaFeature = (answer: () => CheckAnswer | null): Feature => ({
  name: "tea",
  permissions: [
    { kind: "delegated", name: "Tea.Read", isNeeded: () => true },
    { kind: "application", name: "Tea.Read.All", isNeeded: () => true },
  ],
  redirects: ["/tea/complete"],
  checks: [
    {
      id: "tea",
      words: () => ({
        en: table,
        de: { ...table, "title.tea": "Tee ist fertig" },
        es: table,
        fr: table,
        ja: table,
      }),
      look: answer,
    },
  ],
  diagnostics: () => ({ kettles: 2 }),
  errors: { tea_cold: { status: 418, says: "The tea is cold.", cure: "Boil the water again." } },
  storedKeys: [{ prefix: "tea_", holds: "whose cup it is", until: "it is washed" }],
});

function product(answer: () => CheckAnswer | null, ...more: Feature[]) {
  const features = [teaFeature(answer), ...more];
  const permissions = declaredPermissions();
  permissions.declare(features);
  return world({ features, permissions });
}

const dry = () =>
  ({ state: "problem", seen: [{ code: "kettle", values: { count: 1 } }], cure: "kettle" }) as const;

describe("the features of the product", () => {
  test("each declares its bot account's permissions among its delegated ones, so that an admin sees them", () => {
    const features = declaredFeatures();
    expect(features.some(({ botPermissions = [] }) => botPermissions.length > 0)).toBe(true);
    for (const { botPermissions = [], permissions = [] } of features) {
      const delegated = permissions.filter(({ kind }) => kind === "delegated").map(({ name }) => name);
      expect(delegated).toEqual(expect.arrayContaining([...botPermissions]));
    }
  });
});

describe("a feature's contributions", () => {
  test("permissions and redirect URI are in the plan, the guide and both scripts", async () => {
    const { ask } = product(() => null);
    const { answer: guide } = await ask("GET", "/api/v1/admin/setup/guide");
    expect(guide.delegated).toEqual(["Tea.Read"]);
    expect(guide.roles).toEqual(["Tea.Read.All"]);
    expect(guide.redirectUris).toEqual([
      "https://chat.sandbox.example/plugins/mission-collaboration/tea/complete",
    ]);
    for (const script of [guide.azureCli, guide.powerShell])
      for (const name of ["Tea.Read ", "Tea.Read.All", "/tea/complete"])
        expect(`${script} `).toContain(name.trim());
  });

  test("errors and stored keys are on their pages", () => {
    const tea = teaFeature(() => null);
    expect(errorsPage([["tea", tea.errors ?? {}]])).toContain("### `tea_cold`");
    expect(storedKeysPage([tea])).toContain("| `tea_…` | whose cup it is | it is washed |");
  });

  test("a check is a row in the admin's language, in the report and in the support packet", async () => {
    const { ask, admin } = product(dry);
    const { answer } = await ask("POST", "/api/v1/checks", undefined, { "Accept-Language": "de" });
    expect(answer.report.rows.find(({ id }: { id: string }) => id === "tea")).toMatchObject({
      state: "problem",
      title: "Tee ist fertig",
      evidence: "The kettle has one litre.",
      cure: "Fill the kettle.",
    });
    expect((await ask("GET", "/api/v1/checks/report")).answer).toContain("Tea is ready");
    const packet = (await admin.supportData()).map(({ Body }) => new TextDecoder().decode(Body)).join();
    expect(packet).toContain("tea: problem");
    expect(packet).toContain("kettles: 2");
  });

  test("a check that does not apply has no row; one that fails has a row that says so", async () => {
    const { ask } = product(() => null);
    const off = (await ask("POST", "/api/v1/checks")).answer.report.rows;
    expect(off.map(({ id }: { id: string }) => id)).not.toContain("tea");
    const broken = product(() => {
      throw new Error("the pot is broken");
    });
    const rows = (await broken.ask("POST", "/api/v1/checks")).answer.report.rows;
    expect(rows.find(({ id }: { id: string }) => id === "tea")).toMatchObject({
      state: "unknown",
      title: "Tea is ready",
      evidence: "The check itself failed; the server log has the reason.",
    });
  });

  test("failing diagnostics do not affect others", async () => {
    const { admin } = product(dry, {
      name: "coffee",
      diagnostics: () => Promise.reject(new Error("no beans")),
    });
    const [{ Body } = { Body: new Uint8Array() }] = await admin.supportData();
    const text = new TextDecoder().decode(Body);
    expect(text).toContain("kettles: 2");
    expect(text).toContain("could not be read");
    expect(text).not.toContain("no beans");
  });
});
