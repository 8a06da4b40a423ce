import { describe, expect, test } from "bun:test";
import { buildConfig, type ConfigSource } from "../../microsoft/config/index.ts";
import { mountRoutes } from "../../platform/http/testing/mount-routes.ts";
import { webAppFeature } from "./feature.ts";

const MEMBER = "b".repeat(26);

function world(settings: Record<string, boolean>) {
  const config: ConfigSource = {
    current: buildConfig(settings, { siteUrl: "https://chat.example.com" }),
    onChange: () => () => {},
  };
  const { routes } = webAppFeature({ config });
  if (!routes) throw new Error("no routes");
  return mountRoutes(routes);
}

describe("the features that the web app shows", () => {
  for (const name of ["calendar", "channels", "chats"] as const) {
    test(`${name}, when it is switched on, and nothing else`, async () => {
      const { request } = world({ [`${name}_enabled`]: true });
      const answer = await request("/api/v1/features", {}, { userId: MEMBER });
      expect(await answer.json()).toEqual({ calendar: false, channels: false, chats: false, [name]: true });
    });
  }

  test("nobody else gets an answer", async () => {
    expect((await world({}).request("/api/v1/features")).status).toBe(401);
  });
});
