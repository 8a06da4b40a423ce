import { expect, test } from "bun:test";
import type { User } from "../../runtime/mattermost/index.ts";
import { ProductError } from "../errors.ts";
import { mountRoutes } from "../http/testing/mount-routes.ts";
import type { PressOutcome } from "./cards.ts";
import { interactionsFeature } from "./interaction-routes.ts";
import { interactionWords } from "./interaction-words.ts";

/** The response to a press, for a person who reads German. */
async function answerTo(press: () => Promise<PressOutcome>) {
  const { routes } = interactionsFeature({
    api: { getUser: async () => ({ Locale: "de" }) as User },
    cards: { press },
    dialogs: { submit: async () => ({ ok: true, reply: {} }) },
  });
  const router = mountRoutes(routes ?? (null as never), { isSystemAdmin: async () => false });
  const request = new Request("https://x/api/v1/cards", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ post_id: "p" }),
  });
  const response = await router.fetch(request, { userId: "ana", RequestId: "1" } as never);
  return { status: response.status, body: await response.json() };
}

test("a press whose first request is still running gets an explanation in the person's language", async () => {
  const press = async () => {
    throw new ProductError("still_running");
  };
  const text = interactionWords.in("de")("still_running");
  expect(await answerTo(press)).toEqual({ status: 200, body: { ephemeral_text: text } });
});

test("a press that fails for another reason fails as a request", async () => {
  const refused = async () => {
    throw new ProductError("not_allowed");
  };
  expect((await answerTo(refused)).status).toBe(403);
  const broken = async () => {
    throw new Error("a bug");
  };
  expect((await answerTo(broken)).status).toBe(500);
  const taken = async () => ({ ok: true, reply: { ephemeral: "done" } }) as const;
  expect(await answerTo(taken)).toEqual({ status: 200, body: { ephemeral_text: "done" } });
});
