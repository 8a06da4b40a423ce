/** Which addresses a call, a download and an upload may go to. */

import { describe, expect, test } from "bun:test";
import { clouds } from "../clouds/clouds.ts";
import { graphUrl, storageUrl } from "./hosts.ts";

const cloud = clouds.commercial;

describe("a call with a token", () => {
  test("goes to a path, or to a next link of the same Graph", () => {
    expect(graphUrl(cloud, "/me")).toBe("https://graph.microsoft.com/v1.0/me");
    const next = "https://graph.microsoft.com/v1.0/chats?$skiptoken=x";
    expect(graphUrl(cloud, next)).toBe(next);
  });
  for (const link of [
    "https://evil.example/v1.0/me",
    "https://evilgraph.microsoft.com/v1.0/me",
    "https://graph.microsoft.com.evil.example/v1.0/me",
    "https://graph.microsoft.com@evil.example/v1.0/me",
    "https://ana@graph.microsoft.com/v1.0/me",
    "https://:secret@graph.microsoft.com/v1.0/me",
    "https://graph.microsoft.com:8443/v1.0/me",
    "http://graph.microsoft.com/v1.0/me",
    "https://graph.microsoft.com/beta/me",
    "https://graph.microsoft.com/v1.0/../beta/me",
    "https://graph.microsoft.com/v1.0evil/me",
    "https:/evil.example/v1.0/me",
    "",
    "me",
  ])
    test(`does not go to "${link}"`, () =>
      expect(() => graphUrl(cloud, link)).toThrow("not the cloud's Graph"));
});

describe("a download without a token", () => {
  for (const address of [
    "https://contoso.sharepoint.com/x?tempauth=y",
    "https://contoso-my.sharepoint.com/x",
    "https://graph.microsoft.com/v1.0/x",
  ])
    test(`follows ${address}`, () => expect(storageUrl(cloud, address)?.href).toBe(address));
  for (const address of [
    "https://evil.example/x",
    "https://evilsharepoint.com/x",
    "https://contoso.sharepoint.com.evil.example/x",
    "https://contoso.sharepoint.com@evil.example/x",
    "https://ana@contoso.sharepoint.com/x",
    "https://:secret@contoso.sharepoint.com/x",
    "http://contoso.sharepoint.com/x",
    "https://contoso.sharepoint.com:8443/x",
    "ftp://contoso.sharepoint.com/x",
    "/x",
    "",
  ])
    test(`does not follow "${address}"`, () => expect(storageUrl(cloud, address)).toBeNull());
});
