/**
 * Routes to which the server sends button presses and dialog submissions.
 *
 *   POST /api/v1/cards     a button or menu of a post: answers {} or {ephemeral_text}
 *   POST /api/v1/dialogs   a submitted dialog: answers {} or {errors, error}
 */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import type { Api } from "../../runtime/mattermost/index.ts";
import { ProductError } from "../errors.ts";
import type { Feature } from "../feature.ts";
import { Routes, readShape } from "../http/index.ts";
import { type Language, languageOf } from "../i18n/index.ts";
import type { Cards } from "./cards.ts";
import type { Dialogs } from "./dialogs.ts";
import { interactionWords } from "./interaction-words.ts";

export const CARDS_PATH = "/api/v1/cards";
export const DIALOGS_PATH = "/api/v1/dialogs";

/** Other fields are ignored: the person comes from a header that the server sets. */
const press = lazy(() =>
  z.object({
    user_id: z.string().default(""),
    post_id: z.string().max(64),
    channel_id: z.string().max(64).default(""),
    trigger_id: z.string().max(4096).default(""),
    context: z
      .object({ token: z.unknown(), selected_option: z.unknown() })
      .partial()
      .nullish()
      .transform((context) => context ?? {}),
  }),
);

const submission = lazy(() =>
  z.object({
    channel_id: z.string().max(64).default(""),
    team_id: z.string().max(64).default(""),
    state: z.string().max(64 * 1024),
    submission: z
      .record(z.string(), z.unknown())
      .nullish()
      .transform((fields) => fields ?? null),
  }),
);

export interface InteractionPorts {
  readonly api: Pick<Api, "getUser">;
  readonly cards: Pick<Cards, "press">;
  readonly dialogs: Pick<Dialogs, "submit">;
}

export function interactionsFeature({ api, cards, dialogs }: InteractionPorts): Feature {
  const languageFor = (userId: string): Promise<Language> =>
    api.getUser(userId).then(
      (user) => languageOf(user?.Locale),
      () => "en",
    );
  return {
    name: "interactions",
    routes: new Routes()
      .post(CARDS_PATH, "member", async ({ req }, userId) => {
        const outcome = await cards.press(userId, await readShape(req.raw, press())).catch(stillRunning);
        const text = outcome.ok
          ? outcome.reply.ephemeral
          : interactionWords.in(await languageFor(userId))(outcome.problem);
        return Response.json(text === undefined ? {} : { ephemeral_text: text });
      })
      .post(DIALOGS_PATH, "member", async ({ req }, userId) => {
        const outcome = await dialogs.submit(userId, await readShape(req.raw, submission()));
        if (outcome.ok) return Response.json(outcome.reply);
        return Response.json({ error: interactionWords.in(await languageFor(userId))(outcome.problem) });
      }),
  };
}

/** The second request of a double press waits for the first one, but not forever. */
function stillRunning(error: unknown): { readonly ok: false; readonly problem: "still_running" } {
  if (error instanceof ProductError && error.code === "still_running")
    return { ok: false, problem: "still_running" };
  throw error;
}
