/** The keys of a tenant, read from an authority that a test can make fail. */

import { afterEach, beforeEach } from "bun:test";
import { TenantKeys, type UnusableKey } from "../tenant-keys.ts";
import { TENANT, TestAuthority } from "./authority.ts";

export let authority: TestAuthority;
export let now: number;
export const pass = (ms: number) => {
  now += ms;
};
export let unusable: UnusableKey[];
export let keys: TenantKeys;

export const find = (kid: string) => keys.find("2.0", kid);

/** For the head of a test file. */
export function openKeys(): void {
  beforeEach(() => {
    authority = new TestAuthority();
    now = 1_800_000_000_000;
    unusable = [];
    keys = new TenantKeys({
      loginUrl: authority.loginUrl,
      tenantId: TENANT,
      fetch: authority.fetch,
      clock: () => now,
      onUnusableKeys: (some) => unusable.push(...some),
    });
  });
  afterEach(() => authority.stop());
}
