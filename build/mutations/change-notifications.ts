// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pieces of source, as texts
/** Checks of the webhook for change notifications. */

import { mutationsOf } from "./mutation.ts";

const changes = "server/microsoft/subscriptions/";
const webhook = `${changes}incoming/webhook.ts`;
const entries = `${changes}incoming/entries.ts`;
const secret = `${changes}incoming/client-state.ts`;
const content = `${changes}incoming/content.ts`;
const resource = `${changes}incoming/resource.ts`;
const inbox = `${changes}incoming/inbox.ts`;
const release = `${changes}lifecycle/release.ts`;
const token = "server/microsoft/entra/verify-validation-token.ts";
const webhookTests = ["", "-entries", "-tokens"]
  .map((part) => `${changes}incoming/webhook${part}.test.ts`)
  .join(" ");
const opening = `${changes}incoming/content.test.ts`;
const reading = `${changes}incoming/resource.test.ts`;
const leaving = `${changes}lifecycle/release.test.ts`;
const drops = "an entry is dropped and counted, and the entry beside it is delivered ";
const unproven = "without a valid token, resource data is refused and plain changes are accepted ";

export const changeNotificationMutations = mutationsOf([
  // The request to the webhook.
  [
    webhook,
    'if (request.method !== "POST") throw',
    "if (false) throw",
    webhookTests,
    "refuses a body GET /api/v1/graph/changes: 405",
  ],
  [webhook, "tokens.length === 1 ?", "true ?", webhookTests, "the validation request two tokens: 400"],
  [
    webhook,
    " || Buffer.byteLength(token) > MAX_TOKEN_BYTES",
    "",
    webhookTests,
    "the validation request 4 KB of letters with two bytes: 400",
  ],
  [
    webhook,
    'if (id === null) return "invalid_webhook_secret";',
    "if (id === null) return (await registrations.all())[0] as never;",
    webhookTests,
    `${drops}another client state: invalid_webhook_secret`,
  ],
  [
    webhook,
    'if (!ours || entry.tenantId.toLowerCase() !== ours.tenantId) return "foreign_tenant";',
    'if (!ours) return "foreign_tenant";',
    webhookTests,
    `${drops}another tenant: foreign_tenant`,
  ],
  [
    webhook,
    "(registration.subscriptionId === null || registration.subscriptionId === entry.subscriptionId)",
    "true",
    webhookTests,
    `${drops}another subscription: unknown_subscription`,
  ],
  [
    webhook,
    "else if (!wished || !covers(wished, resource))",
    "else if (!wished)",
    webhookTests,
    `${drops}another person's event: foreign_resource`,
  ],
  [
    webhook,
    "else if (wantsContent !== (entry.content !== null))",
    "else if (false)",
    webhookTests,
    `${drops}no content where there must be one: unproven`,
  ],
  [
    webhook,
    "for (const _ of rich)",
    "if (false) for (const _ of rich)",
    webhookTests,
    `${unproven}no tokens`,
  ],
  [
    webhook,
    'proof === "unproven" ? plain : [...plain, ...rich]',
    "[...plain, ...rich]",
    webhookTests,
    `${unproven}a stranger's key`,
  ],
  [webhook, "texts.length === 0 || ", "", webhookTests, `${unproven}no tokens`],
  [webhook, " || texts.length > MAX_VALIDATION_TOKENS", "", webhookTests, `${unproven}seventeen good ones`],
  [webhook, "texts.length !== tokens.length || ", "", webhookTests, `${unproven}null beside a good one`],
  [
    webhook,
    "verdicts.every((verdict) => verdict?.ok)",
    "verdicts.some((verdict) => verdict?.ok)",
    webhookTests,
    `${unproven}a forged one beside a good one`,
  ],
  [
    entries,
    "Array.isArray(tokens) ? tokens : [null]",
    "[tokens].flat()",
    webhookTests,
    `${unproven}a good one in no list`,
  ],
  [
    entries,
    " || entry.lifecycleEvent !== undefined",
    "",
    webhookTests,
    `${drops}a lifecycle event: malformed`,
  ],
  [
    entries,
    "if (!body || !Array.isArray(body.value)) return null;",
    "if (!body) return null;",
    webhookTests,
    "refuses a body /api/v1/graph/changes: no value: 400",
  ],
  [
    secret,
    "given.length === expected.length && timingSafeEqual(given, expected)",
    "true",
    webhookTests,
    `${drops}another client state: invalid_webhook_secret`,
  ],
  [token, "if (sender !== CHANGE_TRACKING_APP_ID)", "if (false)", webhookTests, `${unproven}another sender`],
  [token, "if (claims.scp !== undefined)", "if (false)", webhookTests, `${unproven}a person's token`],
  [
    token,
    "audiences: () => [clientId]",
    'audiences: () => [clientId, "00000003-0000-0000-c000-000000000000"]',
    webhookTests,
    `${unproven}Graph as audience`,
  ],
  [
    content,
    'if (!timingSafeEqual(createHmac("sha256", key).update(data).digest(), signature))',
    "if (false)",
    webhookTests,
    `${drops}a content signed with another key: forged_content`,
  ],
  [
    content,
    "if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;",
    "",
    opening,
    "an encrypted content is refused blanks in the base64",
  ],
  [resource, 'id === "." || id === ".." || ', "", webhookTests, `${drops}a resource that climbs: malformed`],
  [
    resource,
    "if (text.length > MAX_CHARACTERS) return null;",
    "",
    reading,
    `refuses a resource "chats('a')/messages('1')?$select=xxxxxxxxxxxxxxxxxxxxxxxxxxx"`,
  ],
  [
    inbox,
    'if (!repeatable && (await this.#seen.has(identity))) return drop("duplicate");',
    "",
    webhookTests,
    "delivery once the same change, encrypted again",
  ],
  [
    inbox,
    'const repeatable = etag === null && queued.changeType === "updated";',
    "const repeatable = false;",
    webhookTests,
    "delivery once two plain updates without an etag are both new changes",
  ],
  [
    release,
    "/^\\/?me\\//i.test(resource) && ",
    "",
    leaving,
    "the subscriptions of a person who disconnects stay when the app made them, because they belong to the app",
  ],
]);
