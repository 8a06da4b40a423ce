import { expect, test } from "bun:test";
import { buildConfig } from "../microsoft/config/index.ts";
import { createMicrosoftSignIns } from "./microsoft-sign-in.ts";

const ADMIN = "a".repeat(26);

test("an answer of Entra that takes longer than the interval is not asked for twice", async () => {
  let now = Date.UTC(2026, 10, 29);
  const answers: ((answer: object, status: number) => void)[] = [];
  const config = buildConfig({}, { siteUrl: "https://chat.example.com" });
  const signIns = createMicrosoftSignIns({
    config: { current: config, onChange: () => () => {} },
    now: () => new Date(now),
    async fetch(url) {
      if (String(url).endsWith("/devicecode"))
        return Response.json({
          device_code: "device",
          user_code: "USER",
          verification_uri: "https://login.microsoftonline.com/device",
          expires_in: 900,
          interval: 5,
        });
      const { promise, resolve } = Promise.withResolvers<Response>();
      answers.push((answer, status) => resolve(Response.json(answer, { status })));
      return promise;
    },
  });
  const { id } = await signIns.start(ADMIN, "setup");
  now += 6_000;
  const first = signIns.look(ADMIN, id);
  await Bun.sleep(1);
  now += 6_000;
  const second = signIns.look(ADMIN, id);
  await Bun.sleep(1);
  answers[0]?.({ access_token: "token", expires_in: 3600 }, 200);
  await first;
  // RFC 8628 3.5: a code that was redeemed is refused.
  answers[1]?.({ error: "invalid_grant" }, 400);
  await second;
  expect((await signIns.look(ADMIN, id)).state).toBe("signed_in");
  expect(answers).toHaveLength(1);
});
