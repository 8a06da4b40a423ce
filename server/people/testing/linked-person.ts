/** A person of Entra and an account, which sign in and may be linked. */

import { beforeEach } from "bun:test";
import { SignInWorld } from "../../features/sign-in/testing/sign-in-world.ts";
import { TestAuthority } from "../../microsoft/entra/testing/authority.ts";

export const OTHER_PERSON = "44444444-4444-4444-8444-444444444444";
const authority = new TestAuthority();
export let world: SignInWorld;
/** Far enough apart to stay below the rate limit. */
export const later = () => {
  world.now += 60_000;
};
export const signIn = (claims = {}) => {
  later();
  return world.post(world.v2(claims));
};
export const reason = () => world.audits.at(-1)?.reason;

/** For the head of a test file. */
export function openLinks(): void {
  beforeEach(() => {
    world = new SignInWorld({ authority });
  });
}
