/** Runs a table of bad inputs: each must be refused in one uniform way and leave nothing behind. */

import { afterAll, describe, expect, test } from "bun:test";
import { TestAuthority } from "../../../microsoft/entra/testing/authority.ts";
import type { ErrorCode } from "../../../platform/errors.ts";
import { errors } from "../../../platform/shared-errors.ts";
import { SignInWorld } from "./sign-in-world.ts";

export interface BadInput {
  readonly name: string;
  /** Runs before the attempt. */
  readonly given?: (world: SignInWorld) => unknown;
  readonly send: (world: SignInWorld) => Promise<Response>;
  readonly code: ErrorCode;
  /** The expected reason in the one audit record. */
  readonly reason: string;
  /** Maximum number of requests to the authority that the attempt may cause. Default 2: metadata and keys, once. */
  readonly fetches?: number;
}

export interface BadInputGroup {
  readonly group: string;
  /** The same request with nothing wrong about it. */
  readonly control: (world: SignInWorld) => Promise<Response>;
  readonly given?: (world: SignInWorld) => unknown;
  readonly cases: readonly BadInput[];
}

export function refusesAll({ group, given, control, cases }: BadInputGroup): void {
  describe(group, () => {
    const authority = new TestAuthority();
    afterAll(() => authority.stop());

    async function world(): Promise<SignInWorld> {
      authority.reset();
      const world = new SignInWorld({ authority });
      await given?.(world);
      return world;
    }

    test("control: a valid request is accepted", async () => {
      const good = await world();
      good.addAna();
      const response = await control(good);
      expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 200 });
      expect(good.sessionOf(response)).toBeDefined();
    });

    for (const each of cases) {
      test(`${each.name}: ${each.reason}`, async () => {
        const bad = await world();
        if (each.given) await each.given(bad);
        else bad.addAna();
        const sessions = [...bad.mattermost.sessions.keys()];
        const asked = authority.requests.length;
        bad.audits.length = 0;

        const response = await each.send(bad);

        expect({ status: response.status, reasons: bad.audits.map(({ reason }) => reason) }).toEqual({
          status: errors[each.code].status,
          reasons: [each.reason],
        });
        expect(await response.json()).toEqual({
          code: each.code,
          message: errors[each.code].says,
          requestId: "request-1",
        });
        expect(response.headers.get("Cache-Control")).toBe("no-store");
        expect(response.headers.getSetCookie()).toEqual([]);
        expect([...bad.mattermost.sessions.keys()]).toEqual(sessions);
        expect(authority.requests.length - asked).toBeLessThanOrEqual(each.fetches ?? 2);
        expect(authority.requests.filter((path) => path.startsWith("foreign host"))).toEqual([]);
      });
    }
  });
}
