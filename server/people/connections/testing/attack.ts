/** Attacks on the code flow: each must be refused and leave nothing behind. */

import { beforeEach, describe, expect, test } from "bun:test";
import type { Person } from "../../../../e2e/sandbox/tenant.ts";
import type { RequestContext, User } from "../../../runtime/mattermost/index.ts";
import { ConnectionsWorld } from "./connections-world.ts";
import { Microsoft } from "./microsoft.ts";
import { outcomeOf } from "./outcome.ts";

export const microsoft = new Microsoft();
export const { entra } = microsoft;
export const MINUTE = 60_000;

export class Attack {
  readonly w = new ConnectionsWorld({ microsoft });
  readonly ana = this.w.user("ana");
  readonly ben = this.w.user("ben");
  readonly there = microsoft.person("ana");
  readonly benThere = microsoft.person("ben");

  /**
   * Returns the address to which Entra sends the person back, with changes of the query; null removes a parameter.
   */
  async back(
    change: Record<string, string | null> = {},
    by = this.ana,
    person = this.there,
  ): Promise<string> {
    const url = new URL(`http://plugin${await this.w.signIn(by, person)}`);
    for (const [name, value] of Object.entries(change)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return url.pathname + url.search;
  }

  /** Follows the authorize address with changes, as a victim of a phishing link would. */
  async lured(change: Record<string, string | null>, person: Person = this.there): Promise<string> {
    const url = new URL(await this.w.authorizeAddress(this.ana));
    for (const [name, value] of Object.entries(change)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return entra.signIn(url.href, person);
  }

  come(path: string, by: User | null = this.ana, env: Partial<RequestContext> = {}): Promise<Response> {
    return this.w.request(path, by, {}, env);
  }
}

export const state = (path: string) => new URL(`http://plugin${path}`).searchParams.get("state") ?? "";

export const code = (path: string) => new URL(`http://plugin${path}`).searchParams.get("code") ?? "";

export const complete = (query: Record<string, string>) => `/oauth2/complete?${new URLSearchParams(query)}`;

export const claims = (change: Record<string, unknown>) => {
  entra.idClaims = (all) => ({ ...all, ...change });
};

export type Case = [
  name: string,
  run: (a: Attack) => Promise<Response>,
  expected: [status: number, outcome: string],
];

export const personOf = (a: Attack) => ({ tenantId: microsoft.tenant.id, objectId: a.there.objectId });

/** The account changes while its owner is at Microsoft. */
export async function withUser(a: Attack, part: Partial<User>): Promise<string> {
  const path = await a.back();
  a.w.mattermost.users.set(a.ana.Id, { ...a.ana, ...part });
  return path;
}

/** Checks that the page contains nothing of the request, and that no script could run on it. */
export async function expectHarmless(response: Response): Promise<void> {
  const html = await response.text();
  for (const part of ["<script", "onerror", "Set-Cookie", "evil", "AADSTS"]) expect(html).not.toContain(part);
  expect(html.length).toBeLessThan(4000);
  expect(response.headers.get("Content-Security-Policy")).toStartWith(
    "default-src 'none'; style-src 'sha256-",
  );
  expect(response.headers.get("Set-Cookie")).toBeNull();
  expect(response.headers.get("Location")).toBeNull();
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(response.headers.get("Referrer-Policy")).toBe("no-referrer");
}

/** Tests that each case is refused with its status and outcome, and stores nothing of the person. */
export function refused(family: string, cases: readonly Case[]): void {
  describe(family, () => {
    for (const [name, run, [status, outcome]] of cases) {
      test(`${name}: ${status} ${outcome}`, async () => {
        const a = new Attack();
        const response = await run(a);
        expect([response.status, await outcomeOf(response)]).toEqual([status, outcome]);
        await expectHarmless(response);
        await a.w.settle();
        expect(await a.w.connections.isConnected(a.ana.Id)).toBe(false);
        expect((await a.w.state(a.ana)).connected).toBe(false);
        expect(a.w.messages(a.ana)).toEqual([]);
        expect([...a.w.stored().keys()].filter((key) => key.includes(a.ana.Id))).toEqual([]);
      });
    }
  });
}

/** Tests that the cases use nothing up: the same person can connect after them. */
export function connectsAfter(cases: readonly (Case | undefined)[]): void {
  test("the plain flow works after them", async () => {
    const a = new Attack();
    for (const one of cases) await (one as Case)[1](a);
    expect((await a.come(await a.back())).status).toBe(200);
  });
}

/** For the head of a test file. */
export function openAttacks(): void {
  beforeEach(() => {
    entra.healthy();
    microsoft.graph.healthy();
  });
}
