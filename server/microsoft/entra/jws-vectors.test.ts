/**
 * Runs test vectors in the form of Project Wycheproof's, made by testing/make-jws-vectors.ts, through the verifier.
 * Every claim of each token is valid, so that the signature and its encoding alone decide.
 */

import { afterAll, describe, expect, test } from "bun:test";
import { TenantKeys } from "./tenant-keys.ts";
import vectors from "./testdata/jws-vectors.json" with { type: "json" };
import { expectation, TENANT, TestAuthority } from "./testing/authority.ts";
import { verifyTabToken } from "./verify-tab-token.ts";

/** Cases that the standards leave to the verifier: what ours does, and why. */
const deviations: Readonly<Record<string, { accepts: boolean; why: string }>> = {
  "without the NULL of the algorithm identifier": {
    accepts: false,
    why: "RFC 8017 lets verifiers take both; BoringSSL compares the whole block, and Entra writes NULL.",
  },
  "unused bits set": {
    accepts: false,
    why: "RFC 4648 section 3.5 allows to refuse them. One token has one spelling.",
  },
  "alg twice, RS256 last": {
    accepts: true,
    why: "RFC 7515 section 4 allows to use the last one. We and jsonwebtoken parse with the same JSON.parse, so they agree.",
  },
  "typ in small letters": {
    accepts: false,
    why: "RFC 7519 section 5.1 recommends capitals, and Entra writes them.",
  },
  zip: {
    accepts: true,
    why: "Defined for encryption only (RFC 7516 section 4.1.3); as every unknown member it changes nothing here.",
  },
};

const authority = new TestAuthority();
afterAll(() => authority.stop());
authority.keys = [vectors.key];
const now = new Date(vectors.at * 1000);
const keys = new TenantKeys({
  loginUrl: authority.loginUrl,
  tenantId: TENANT,
  fetch: authority.fetch,
  clock: () => now.getTime(),
});

describe("JWS vectors", () => {
  for (const { tcId, comment, jws, result } of vectors.tests) {
    test(`${tcId} ${comment}: ${result}`, async () => {
      const accepts = result === "acceptable" ? deviations[comment]?.accepts : result === "valid";
      const verdict = await verifyTabToken(jws, expectation, keys, now);
      expect(verdict.ok).toBe(accepts as boolean);
      if (!verdict.ok) expect(["malformed", "algorithm", "signature"]).toContain(verdict.reason);
    });
  }

  test("every deviation belongs to a vector, and every vector that needs one has one", () => {
    const acceptable = vectors.tests.filter(({ result }) => result === "acceptable");
    expect(acceptable.map(({ comment }) => comment).sort()).toEqual(Object.keys(deviations).sort());
  });
});
