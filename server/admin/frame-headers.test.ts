/** Tests the checks of the site's own response: frame headers, certificate, proxies. */

import { describe, expect, test } from "bun:test";
import { openStage, world } from "./testing/stage.ts";

openStage();

describe("checks", () => {
  const ancestors = "https://teams.sandbox.example";

  const headers: [name: string, answer: () => Response, row: string, state: string, says: string][] = [
    [
      "a proxy that adds X-Frame-Options",
      () => new Response("", { headers: { "X-Frame-Options": "DENY" } }),
      "frame_headers",
      "problem",
      "X-Frame-Options: DENY",
    ],
    [
      "a second policy that a proxy adds",
      () => {
        const headers = new Headers({ "Content-Security-Policy": `frame-ancestors 'self' ${ancestors}` });
        headers.append("Content-Security-Policy", "frame-ancestors 'self'");
        return new Response("", { headers });
      },
      "frame_headers",
      "problem",
      "lack https://teams.sandbox.example",
    ],
    [
      "a proxy that replaces the policy",
      () => new Response("", { headers: { "Content-Security-Policy": "frame-ancestors 'self'" } }),
      "frame_headers",
      "problem",
      "lack https://teams.sandbox.example",
    ],
    [
      // Every real server sends this header; browsers ignore it when there is frame-ancestors.
      "Mattermost's own SAMEORIGIN beside a policy with the hosts",
      () =>
        new Response("", {
          headers: {
            "X-Frame-Options": "SAMEORIGIN",
            "Content-Security-Policy": `frame-ancestors 'self' ${ancestors}; script-src 'self'`,
          },
        }),
      "frame_headers",
      "ok",
      "forbids",
    ],
    [
      "SAMEORIGIN beside a policy that says nothing of frames",
      () =>
        new Response("", {
          headers: { "X-Frame-Options": "SAMEORIGIN", "Content-Security-Policy": "script-src 'self'" },
        }),
      "frame_headers",
      "problem",
      "X-Frame-Options: SAMEORIGIN",
    ],
    [
      "a proxy's second policy that is stricter",
      () =>
        new Response("", {
          headers: {
            "Content-Security-Policy": `frame-ancestors 'self' ${ancestors}, frame-ancestors 'none'`,
          },
        }),
      "frame_headers",
      "problem",
      "lack https://teams.sandbox.example",
    ],
    [
      "a policy with the hosts",
      () =>
        new Response("", { headers: { "Content-Security-Policy": `frame-ancestors 'self' ${ancestors}` } }),
      "frame_headers",
      "ok",
      "forbids",
    ],
    [
      "a proxy's own error page",
      () => new Response("", { status: 502 }),
      "site_reachable",
      "problem",
      "answered 502",
    ],
    [
      "a name that this server cannot reach",
      () => {
        throw new Error("ENOTFOUND");
      },
      "site_reachable",
      "warning",
      "cannot reach",
    ],
    [
      "a certificate that is not trusted",
      () => {
        throw new Error("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
      },
      "site_reachable",
      "problem",
      "not trusted",
    ],
  ];
  for (const [name, answer, id, state, says] of headers) {
    test(name, async () => {
      const at = world();
      at.siteAnswers(answer);
      expect(await at.row(id)).toMatchObject({ state, evidence: expect.stringContaining(says) });
    });
  }
});
