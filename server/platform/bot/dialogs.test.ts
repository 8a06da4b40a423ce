import { describe, expect, test } from "bun:test";
import type { User } from "../../runtime/mattermost/index.ts";
import { makeKeyValueStore } from "../../runtime/mattermost/kv.ts";
import { MemoryKv } from "../../runtime/mattermost/testing/kv.ts";
import { mountRoutes } from "../http/testing/mount-routes.ts";
import { complete } from "../i18n/testing/complete.ts";
import { createCards } from "./cards.ts";
import { createDialogs, type Dialog, type Submission } from "./dialogs.ts";
import { interactionsFeature } from "./interaction-routes.ts";
import { interactionWords } from "./interaction-words.ts";

complete("buttons and forms", interactionWords);

interface Opened {
  readonly TriggerId: string;
  readonly URL: string;
  readonly Dialog: { readonly State: string; readonly Elements: readonly Record<string, unknown>[] };
}

function world() {
  let now = 1_000;
  const opened: Opened[] = [];
  const kv = makeKeyValueStore(new MemoryKv());
  const api = {
    openInteractiveDialog: async (request: unknown) => void opened.push(request as Opened),
    getUser: async () => ({ Locale: "de" }) as User,
    getPost: async () => null,
  };
  const dialogs = createDialogs({ api, kv, url: "/plugins/x/api/v1/dialogs", now: () => now });
  const bot = { userId: async () => "bot" };
  const cards = createCards({ api, kv, bot, url: "/plugins/x/api/v1/cards", now: () => now });
  const submitted: Submission[] = [];
  dialogs.handle("new-event", async (submission) => {
    submitted.push(submission);
    return submission.fields.subject === "" ? { errors: { subject: "Please enter a subject." } } : {};
  });
  const dialog: Dialog = {
    name: "new-event",
    title: "New event",
    fields: [
      { name: "subject", label: "Subject", type: "text", maxLength: 255 },
      { name: "guest", label: "Guest", type: "select", source: "users", optional: true },
    ],
    value: { channel: "c1" },
  };
  const { routes } = interactionsFeature({ api, cards, dialogs });
  const app = mountRoutes(routes ?? (null as never), { isSystemAdmin: async () => false });
  const post = async (userId: string | null, body: unknown, path = "/api/v1/dialogs") => {
    const request = new Request(`https://x${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const response = await app.fetch(request, { userId, RequestId: "1" } as never);
    return { status: response.status, body: await response.json() };
  };
  const state = () => opened.at(-1)?.Dialog.State ?? "";
  const body = (change: object = {}) => ({
    type: "dialog_submission",
    callback_id: "new-event",
    user_id: "eve",
    channel_id: "c",
    team_id: "t",
    state: state(),
    submission: { subject: "Lunch" },
    cancelled: false,
    ...change,
  });
  return {
    ...{ dialogs, dialog, cards, opened, submitted, post, body, state },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe("a dialog", () => {
  test("opens with its fields, and its submission reaches its handler with the signed value", async () => {
    const w = world();
    await w.dialogs.open("trigger", "ana", w.dialog);
    expect(w.opened[0]).toMatchObject({ TriggerId: "trigger", URL: "/plugins/x/api/v1/dialogs" });
    expect(w.opened[0]?.Dialog.Elements).toMatchObject([
      { Name: "subject", Type: "text", MaxLength: 255, Optional: false },
      { Name: "guest", Type: "select", DataSource: "users", Optional: true },
    ]);
    expect(await w.post("ana", w.body())).toEqual({ status: 200, body: {} });
    // The user id comes from the server's header, not from the body.
    expect(w.submitted).toEqual([
      {
        userId: "ana",
        channelId: "c",
        teamId: "t",
        value: { channel: "c1" },
        fields: { subject: "Lunch" },
      },
    ]);
  });

  test("stays open with the errors of its handler", async () => {
    const w = world();
    await w.dialogs.open("trigger", "ana", w.dialog);
    expect((await w.post("ana", w.body({ submission: { subject: "" } }))).body).toEqual({
      errors: { subject: "Please enter a subject." },
    });
  });

  const german = interactionWords.in("de");
  test("nobody else can submit it", async () => {
    const w = world();
    await w.dialogs.open("trigger", "ana", w.dialog);
    expect((await w.post("eve", w.body())).body).toEqual({ error: german("dialog_foreign") });
    expect((await w.post(null, w.body())).status).toBe(401);
    expect(w.submitted).toEqual([]);
  });

  test("expires after a working day", async () => {
    const w = world();
    await w.dialogs.open("trigger", "ana", w.dialog);
    w.pass(12 * 3_600_000);
    expect((await w.post("ana", w.body())).body).toEqual({ error: german("dialog_expired") });
    expect(w.submitted).toEqual([]);
  });

  for (const [name, change] of Object.entries({
    "no state": () => "",
    "another value": (state: string) => {
      const [text = "", mac] = state.split(".");
      const context = JSON.parse(Buffer.from(text, "base64url").toString());
      const other = JSON.stringify({ ...context, value: { channel: "c2" } });
      return `${Buffer.from(other).toString("base64url")}.${mac}`;
    },
    "another signature": (state: string) => `${state.slice(0, -2)}xx`,
  }))
    test(`a state is refused: ${name}`, async () => {
      const w = world();
      await w.dialogs.open("trigger", "ana", w.dialog);
      const forged = w.body({ state: change(w.state()) });
      expect((await w.post("ana", forged)).body).toEqual({ error: german("dialog_forged") });
      expect(w.submitted).toEqual([]);
    });

  test("the context of a button is not a state of a dialog, and the other way round", async () => {
    const w = world();
    w.cards.handle("dialog", async () => ({}));
    const card = { name: "dialog", actions: [{ id: "submit", label: "Go" }] };
    const props = await w.cards.props(card, { userId: "ana", expiresAt: 9e15 });
    const [attachment] = props.attachments as {
      actions: { integration: { context: { token: string } } }[];
    }[];
    const token = attachment?.actions[0]?.integration.context.token ?? "";
    expect((await w.post("ana", w.body({ state: token }))).body).toEqual({ error: german("dialog_forged") });
    await w.dialogs.open("trigger", "ana", w.dialog);
    const press = { post_id: "p", context: { token: w.state() } };
    expect((await w.post("ana", press, "/api/v1/cards")).body).toEqual({
      ephemeral_text: german("card_changed"),
    });
  });

  test("a button is pressed by the sender of the request, whomever its body names", async () => {
    const w = world();
    w.cards.handle("card", async () => ({ ephemeral: "done" }));
    const card = { name: "card", actions: [{ id: "go", label: "Go" }] };
    const props = await w.cards.props(card, { userId: "ana", expiresAt: 9e15 });
    const [attachment] = props.attachments as { actions: { integration: { context: object } }[] }[];
    const context = attachment?.actions[0]?.integration.context;
    const press = { user_id: "ana", post_id: "p", context };
    expect((await w.post("eve", press, "/api/v1/cards")).body).toEqual({
      ephemeral_text: german("card_foreign"),
    });
    expect((await w.post("ana", { ...press, user_id: "eve" }, "/api/v1/cards")).body).toEqual({
      ephemeral_text: german("card_changed"),
    });
  });

  test("a dialog of a feature that no longer exists gets an explanation", async () => {
    const w = world();
    await w.dialogs.open("trigger", "ana", { ...w.dialog, name: "gone" });
    expect((await w.post("ana", w.body())).body).toEqual({ error: german("dialog_unknown") });
  });

  for (const body of [null, [], {}, { state: 7 }, { state: "x", submission: "text" }])
    test(`refuses a malformed body: ${JSON.stringify(body)}`, async () => {
      expect((await world().post("ana", body)).status).toBe(400);
    });
});
