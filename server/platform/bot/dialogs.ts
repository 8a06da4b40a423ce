/**
 * Dialogs: forms that the server opens in a person's client and submits to the plugin.
 *
 *   open ─▶ form with a signed state ─▶ the person submits ─▶ server calls POST /api/v1/dialogs ─▶ handler ─▶ errors or done
 *
 * A submission is accepted only from the person for whom the dialog was opened, before it expires, and with the state
 * as it was signed. A dialog must open within 3 s of the press or command that gave its trigger ID.
 */

import type { Api, Input, KeyValueStore } from "../../runtime/mattermost/index.ts";
import { signContext, verifyContext } from "./signed-context.ts";
import { signingKey } from "./signing-key.ts";

export interface DialogField {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "textarea" | "select" | "radio" | "bool";
  readonly subtype?: "email" | "number" | "password" | "tel" | "url";
  readonly initial?: string;
  readonly placeholder?: string;
  readonly help?: string;
  readonly optional?: boolean;
  readonly maxLength?: number;
  readonly options?: readonly { readonly text: string; readonly value: string }[];
  /** Uses the server's own picker instead of `options`. */
  readonly source?: "users" | "channels";
}

export interface Dialog {
  /** Name of the handler: `calendar.new-event`. */
  readonly name: string;
  /** Older servers show at most 24 characters. */
  readonly title: string;
  /** Markdown. */
  readonly introduction?: string;
  readonly submit?: string;
  readonly fields: readonly DialogField[];
  /** Returned unchanged with the submission. Put IDs here, never text. */
  readonly value?: unknown;
}

export interface Submission {
  readonly userId: string;
  readonly channelId: string;
  readonly teamId: string;
  readonly value: unknown;
  /** Values by field name. A field that the person left empty may be absent. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Without errors the dialog closes. `errors` are shown at their fields, `error` above the buttons. */
export interface SubmissionReply {
  readonly errors?: Readonly<Record<string, string>>;
  readonly error?: string;
}

export type DialogHandler = (submission: Submission) => Promise<SubmissionReply>;
export type SubmissionProblem = "dialog_forged" | "dialog_expired" | "dialog_foreign" | "dialog_unknown";

export interface DialogsPorts {
  readonly api: Pick<Api, "openInteractiveDialog">;
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  /** The URL to which the server sends submissions: `/plugins/{id}/api/v1/dialogs`. */
  readonly url: string;
  readonly now: () => number;
}

export interface SubmissionRequest {
  readonly channel_id: string;
  readonly team_id: string;
  readonly state: string;
  readonly submission: Readonly<Record<string, unknown>> | null;
}

export type SubmissionOutcome =
  | { readonly ok: true; readonly reply: SubmissionReply }
  | { readonly ok: false; readonly problem: SubmissionProblem };

export interface Dialogs {
  handle(name: string, handler: DialogHandler): void;
  open(triggerId: string, userId: string, dialog: Dialog): Promise<void>;
  /** Handles a submission. `userId` must come from the server's header, never from the body. */
  submit(userId: string, request: SubmissionRequest): Promise<SubmissionOutcome>;
}

/** Nobody takes longer than a working day to fill in a form. */
const OPEN_MS = 12 * 3_600_000;
const kind = (name: string) => `dialog:${name}`;

export function createDialogs({ api, kv, url, now }: DialogsPorts): Dialogs {
  const key = signingKey(kv);
  const handlers = new Map<string, DialogHandler>();
  const refuse = (problem: SubmissionProblem): SubmissionOutcome => ({ ok: false, problem });
  return {
    handle(name, handler) {
      if (handlers.has(kind(name))) throw new Error(`two handlers for the dialog ${name}`);
      handlers.set(kind(name), handler);
    },

    async open(triggerId, userId, { fields, introduction, name, submit, title, value }) {
      const context = { card: kind(name), action: "submit", userId, nonce: "", expiresAt: now() + OPEN_MS };
      await api.openInteractiveDialog({
        TriggerId: triggerId,
        URL: url,
        Dialog: {
          CallbackId: name,
          Title: title,
          State: signContext({ ...context, value: value ?? null }, await key()),
          ...(introduction === undefined ? {} : { IntroductionText: introduction }),
          ...(submit === undefined ? {} : { SubmitLabel: submit }),
          Elements: fields.map(element),
        },
      });
    },

    async submit(userId, request) {
      const verdict = verifyContext(request.state, await key(), now());
      if (!verdict.ok) return refuse(verdict.problem === "expired" ? "dialog_expired" : "dialog_forged");
      const { action, card, userId: owner, value } = verdict.context;
      // The same key signs buttons, so check that this is a dialog's state and not a button's context.
      if (!card.startsWith(kind("")) || action !== "submit") return refuse("dialog_forged");
      if (userId === "" || owner !== userId) return refuse("dialog_foreign");
      const handler = handlers.get(card);
      if (!handler) return refuse("dialog_unknown");
      const { channel_id: channelId, submission, team_id: teamId } = request;
      const reply = await handler({ userId, channelId, teamId, value, fields: submission ?? {} });
      return { ok: true, reply };
    },
  };
}

type Element = NonNullable<
  NonNullable<Input<Parameters<Api["openInteractiveDialog"]>[0]>["Dialog"]>["Elements"]
>[number];

function element(field: DialogField): Element {
  return {
    Name: field.name,
    DisplayName: field.label,
    Type: field.type,
    SubType: field.subtype ?? "",
    Default: field.initial ?? "",
    Placeholder: field.placeholder ?? "",
    HelpText: field.help ?? "",
    Optional: field.optional ?? false,
    ...(field.maxLength === undefined ? {} : { MaxLength: field.maxLength }),
    DataSource: field.source ?? "",
    ...(field.options
      ? { Options: field.options.map(({ text, value }) => ({ Text: text, Value: value })) }
      : {}),
  };
}
