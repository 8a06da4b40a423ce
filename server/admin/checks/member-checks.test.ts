import { describe, expect, test } from "bun:test";
import { buildConfig } from "../../microsoft/config/index.ts";
import type { User } from "../../runtime/mattermost/index.ts";
import {
  countSecondFactors,
  type DirectoryLook,
  departuresCheck,
  secondFactorCheck,
} from "./member-checks.ts";
import { createWording } from "./report.ts";

const config = (mfa_accounts?: string) =>
  buildConfig(mfa_accounts === undefined ? {} : { mfa_accounts }, { siteUrl: "https://chat.example.com" });
const members =
  (count: number, enabled = true, more = false) =>
  async () => ({ enabled, count, more });

describe("members with a second factor in Mattermost", () => {
  const cases: [
    name: string,
    policy: string | undefined,
    count: number,
    version: "1.0" | "2.0" | null,
    state: string,
  ][] = [
    ["the default policy and tokens of the set-up", undefined, 3, "2.0", "problem"],
    ["the default policy before anybody signed in", undefined, 3, null, "warning"],
    ["the default policy and tokens that say it", undefined, 3, "1.0", "ok"],
    ["nobody concerned", undefined, 0, "2.0", "ok"],
    ["Entra is trusted", "trust_entra", 3, "2.0", "ok"],
    ["they are to stay outside", "never", 3, "2.0", "ok"],
  ];
  for (const [name, policy, count, version, state] of cases) {
    test(`${name}: ${state}`, async () => {
      const finding = await secondFactorCheck(config(policy), members(count), version);
      expect(finding.state).toBe(state as never);
      if (state === "ok") return;
      const { evidence, cure } = createWording([]).row({ id: "second_factor", ...finding }, "en");
      expect(evidence).toContain("3 members have");
      // The two possible solutions.
      expect(cure).toContain("Conditional Access");
      expect(cure).toContain("requestedAccessTokenVersion to 1");
      expect(finding.setting).toBe("mfa_accounts");
    });
  }

  test("a server without second factors affects nobody", async () =>
    expect((await secondFactorCheck(config(), members(0, false), "2.0")).state).toBe("ok"));

  const user = (part: Partial<User>) => ({ IsBot: false, RemoteId: null, MfaActive: false, ...part }) as User;
  const api = (all: User[], enabled: boolean | null = true) => {
    const pages: number[] = [];
    return {
      pages,
      getConfig: async () => ({ ServiceSettings: { EnableMultifactorAuthentication: enabled } }) as never,
      getUsers: async (options: { Page?: number; PerPage?: number; Active?: boolean } | null) => {
        const { Page = 0, PerPage = 0, Active } = options ?? {};
        expect(Active).toBe(true);
        pages.push(Page);
        return all.slice(Page * PerPage, (Page + 1) * PerPage);
      },
    };
  };

  test("are counted page by page, without bots and people of other servers", async () => {
    const some = api([
      ...Array.from({ length: 250 }, () => user({})),
      user({ MfaActive: true }),
      user({ MfaActive: true, IsBot: true }),
      user({ MfaActive: true, RemoteId: "r" }),
      user({ MfaActive: true }),
    ]);
    expect(await countSecondFactors(some)).toEqual({ enabled: true, count: 2, more: false });
    expect(some.pages).toEqual([0, 1]);
  });

  test("are counted up to a limit, and not on a server without second factors", async () => {
    const many = api(Array.from({ length: 30_000 }, () => user({ MfaActive: true })));
    expect(await countSecondFactors(many)).toEqual({ enabled: true, count: 20_000, more: true });
    for (const enabled of [false, null]) {
      const none = api([user({ MfaActive: true })], enabled);
      expect(await countSecondFactors(none)).toMatchObject({ enabled: false, count: 0 });
      expect(none.pages).toEqual([]);
    }
  });
});

describe("disabled and deleted Entra accounts", () => {
  const token = (...roles: string[]) => ({
    token: `e30.${Buffer.from(JSON.stringify({ roles })).toString("base64url")}.x`,
  });
  const rights = ["User.Read.All"];
  const look = (outcome: DirectoryLook["outcome"]): DirectoryLook => ({
    at: 0,
    outcome,
    looked: 7,
    ended: 2,
  });

  test("without the permission nothing is read, and the row says what that means", () => {
    const finding = departuresCheck(look("done"), token("TeamsActivity.Send"), rights);
    expect(finding.state).toBe("unknown");
    const { evidence, cure } = createWording([]).row({ id: "departures", ...finding }, "en");
    expect(evidence).toContain("keeps a running session");
    expect(cure).toContain("User.Read.All");
  });

  const cases: [DirectoryLook | null, state: string, says: string][] = [
    [null, "ok", "once a day"],
    [look("begun"), "ok", "once a day"],
    [look("not_permitted"), "ok", "once a day"],
    [look("done"), "ok", "the sessions of 2 ended"],
    [look("failed"), "warning", "did not answer"],
    [look("implausible"), "problem", "no session was ended"],
  ];
  for (const [last, state, says] of cases) {
    test(`${last?.outcome ?? "no look yet"}: ${state}`, () => {
      const finding = departuresCheck(last, token("User.Read.All"), rights);
      expect(finding.state).toBe(state as never);
      expect(createWording([]).row({ id: "departures", ...finding }, "en").evidence).toContain(says);
    });
  }
});
