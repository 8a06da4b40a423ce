// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pieces of source, as texts
/**
 * Checks of the rooms that strangers reach: HTTP routes, the code flow, the webhook, the verification of tokens. Each
 * is removed or weakened, and then any test of its room must fail (`red` is empty). More of them, each with the case
 * that fails, are in code-flow.ts, change-notifications.ts, tab-token.ts and tenant-keys.ts.
 */

import { inRoom, type Mutation } from "./mutation.ts";

const router: readonly Mutation[] = inRoom(
  "server/platform/http/router.ts",
  "server/platform/http/router.test.ts",
  [
    ["  app.use(ADMIN_PATH, requireAdmin);\n  app.use(`${ADMIN_PATH}/*`, requireAdmin);\n", ""],
    ['if (!userId) throw new ProductError("not_signed_in");', ""],
    ['if (audience === "member" || admins.has(request)) return userId;', "if (userId) return userId;"],
    ['if (!(await isSystemAdmin(userId))) throw new ProductError("not_allowed");', ""],
    ["requireGuard(route);", ""],
    ["admins.has(req.raw) ? explain?.(error) : null", "explain?.(error)"],
    ["if (/[*{]/.test(segment)) return true;", ""],
    ["return withDefaults(await handle(c, userId));", "return await handle(c, userId);"],
  ],
);

const people = "server/people/connections";
const attacks = ["attacks", "attacks-tokens", "attacks-accounts", "connecting"]
  .map((name) => `${people}/${name}.test.ts`)
  .join(" ");
// Without mutations of a refusal that a later check repeats, such as the claim of the link or the check of a token.
const codeFlow: readonly Mutation[] = [
  ...inRoom(`${people}/flow/code-flow.ts`, `${attacks} ${people}/bot-account/bot-account.test.ts`, [
    ["if (changed) return", "if (false) return"],
    [
      "const refusal = isBot ? await notAdmin(ports, userId) : await ports.seats.look(user);",
      "const refusal = isBot ? null : await ports.seats.look(user);",
    ],
    ['const code = only(query, "code");', 'const code = query.get("code") ?? "";'],
    ['/^[a-z_]{1,40}$/.test(error) ? error : "unknown"', "error"],
    ["challenge: challengeOf(verifier)", 'challenge: challengeOf("")'],
  ]),
  ...inRoom(
    `${people}/flow/flow-states.ts`,
    `${attacks} ${people}/flow/flow-states.test.ts ${people}/connections.test.ts`,
    [
      ["expiresAt: clock() + FLOW_LIFETIME_MS }", "expiresAt: clock() + 6 * FLOW_LIFETIME_MS }"],
      ["return keys.slice(0, -MOST_BEGUN);", "return [];"],
      ["if (!opened.ok) return null;", 'if (!opened.ok) return { ...plain, nonce: "", verifier: "" };'],
      ["randomBytes(32).toString", "randomBytes(8).toString"],
      [
        "const secrets = seal(JSON.stringify({ nonce, verifier }), ownerOf(flow.userId), ring);",
        'const secrets = seal(JSON.stringify({ nonce, verifier }), "flow", ring);',
      ],
    ],
  ),
  ...inRoom(
    `${people}/flow/establish.ts`,
    `${attacks} ${people}/bot-account/bot-account.test.ts ${people}/races.test.ts`,
    [
      [
        "known.all.some((address) => fold(address) === fold(user.Email))",
        "known.all.some((address) => fold(address).startsWith(fold(user.Email)))",
      ],
      [
        "known.all.some((address) => fold(address) === fold(user.Email))",
        'known.all.some((address) => fold(address).split("@")[0] === fold(user.Email).split("@")[0])',
      ],
      ["ownerOf(user.Id), ring)", '"connection", ring)'],
    ],
  ),
  ...inRoom("server/microsoft/entra/verify-id-token.ts", "server/microsoft/entra/verify-id-token.test.ts", [
    [
      "const audiences = () => [expect.clientId];",
      "const audiences = () => [expect.clientId, `api://chat.example.com/${expect.clientId}`];",
    ],
    [" || claims.roles !== undefined", ""],
    [' || claims.idtyp === "app"', ""],
    [" || oid === NIL_GUID", ""],
    ["timingSafeEqual(digest(one), digest(other))", "other.startsWith(one)"],
    ["timingSafeEqual(digest(one), digest(other))", "one.toLowerCase() === other.toLowerCase()"],
  ]),
  ...inRoom(`${people}/bot-account/bot-account.ts`, `${people}/bot-account/bot-account.test.ts`, [
    ['if (me !== "refused" && me.objectId !== person.objectId)', "if (false)"],
    ["if (before && !before.lost && before.objectId !== person.objectId) return", "if (false) return"],
    ["ownerOf(BOT), ring)", '"bot", ring)'],
  ]),
];

const changes = "server/microsoft/subscriptions";
const webhookTest = ["", "-entries", "-tokens"]
  .map((part) => `${changes}/incoming/webhook${part}.test.ts`)
  .join(" ");
const webhook: readonly Mutation[] = [
  ...inRoom(`${changes}/incoming/webhook.ts`, webhookTest, [
    ['if (!ports.active()) throw new ProductError("not_found");', ""],
    ["entry.tenantId.toLowerCase() !== ours.tenantId", 'entry.tenantId === ""'],
    [
      'const entry = readLifecycle(one);\n    const registration = entry ? await trust(entry) : "malformed";',
      'const entry = readLifecycle(one);\n    const registration = entry ? ((await ports.registrations.all())[0] ?? "malformed") : "malformed";',
    ],
    ['"Content-Type": "text/plain; charset=utf-8"', '"Content-Type": "text/html; charset=utf-8"'],
    ['return refused ? "unproven" : "later";', 'return "later";'],
    [
      "const verdicts = await within(KEYS_WAIT_MS, Promise.all(texts.map(verifyToken)), null);",
      "const verdicts = await within(KEYS_WAIT_MS, Promise.all(texts.slice(0, 1).map(verifyToken)), null);",
    ],
    ["value: value.slice(0, MAX_ENTRIES)", "value"],
    [
      "if (hasHandshake(search)) return handshake(search, ports.onHandshake);",
      "if (hasHandshake(search)) handshake(search, ports.onHandshake);",
    ],
    [
      'if (!resource) metrics.dropped("malformed");\n    else if (!wished || !covers(wished, resource))',
      'if (!resource || !wished) metrics.dropped("malformed");\n    else if (false)',
    ],
  ]),
  ...inRoom(`${changes}/incoming/resource.ts`, `${webhookTest} ${changes}/incoming/resource.test.ts`, [
    ["return same(wished.chatId, changed.chatId);", "return true;"],
    ["same(wished.teamId, changed.teamId) &&", ""],
    ["same(wished.channelId, changed.channelId)", "true"],
    ["(wished.userId === null || same(wished.userId, changed.userId))", "true"],
    ["id.length > MAX_ID_CHARACTERS", "false"],
    ["bad || /[\\p{Cc}\\s]/u.test(id) ? null : id", "bad ? null : id"],
    ["replyId !== null && reader.atEnd() ? { ...root, replyId }", "replyId !== null ? { ...root, replyId }"],
    ["const id = encodeURIComponent;\n  switch", "const id = (text: string) => text;\n  switch"],
  ]),
  // A replayed change: at once, later, or sent to the other node.
  ...inRoom(`${changes}/incoming/inbox.ts`, webhookTest, [
    ['if (outcome.kind !== "retry" && !repeatable) await this.#seen.add(identity);', ""],
    [
      "JSON.stringify([registration.wish, resourcePath(resource), queued.changeType, etag])",
      "JSON.stringify([resourcePath(resource), etag])",
    ],
    [
      'if (verdicts.some((verdict) => verdict && !verdict.ok && verdict.reason !== "keys_unavailable"))\n        return drop("unproven");',
      "",
    ],
    ["if (!verdicts.every((verdict) => verdict?.ok))", "if (false)"],
  ]),
  ...inRoom(`${changes}/incoming/seen-changes.ts`, `${changes}/incoming/seen-changes.test.ts`, [
    ["now - at < REMEMBERED_S", "now - at < 3_600"],
    [".slice(1 - MAX_PER_SHARD)", ".slice(-1)"],
  ]),
  ...inRoom("server/microsoft/entra/verify-validation-token.ts", webhookTest, [
    ["audiences: () => [clientId]", "audiences: () => [clientId, undefined]"],
    ['version === "1.0" ? claims.appid : claims.azp', "claims.azp ?? claims.appid"],
  ]),
  ...inRoom("server/microsoft/entra/verify-tab-token.ts", webhookTest, [
    ["if (untimely) return untimely;", ""],
  ]),
  ...inRoom(`${changes}/incoming/client-state.ts`, `${changes}/incoming/client-state.test.ts`, [
    // Compares only a part of the state: its first 32 bytes, as many bytes as the sender gave, or all but blanks.
    ["timingSafeEqual(given, expected)", "timingSafeEqual(given.subarray(0, 32), expected.subarray(0, 32))"],
    [
      "given.length === expected.length && timingSafeEqual(given, expected)",
      "timingSafeEqual(given, expected.subarray(0, given.length))",
    ],
    ["const given = Buffer.from(state);", "const given = Buffer.from(state.trim());"],
    ["if (secret.length < 32)", "if (false)"],
  ]),
  ...inRoom(`${changes}/incoming/content.ts`, `${changes}/incoming/content.test.ts`, [
    ["if (key?.length !== KEY_BYTES)", "if (!key)"],
    [" || signature?.length !== SIGNATURE_BYTES", ""],
    ["data.length === 0 || data.length % BLOCK_BYTES !== 0", "data.length === 0"],
    [
      'isObject ? { ok: true, json: json as Record<string, unknown> } : bad("malformed")',
      "{ ok: true, json: json as Record<string, unknown> }",
    ],
    ["dataText.length > MAX_DATA_CHARACTERS || keyText.length > MAX_KEY_CHARACTERS", "false"],
  ]),
];

const entra = "server/microsoft/entra";
const signIn = "server/features/sign-in";
const badTokens = ["bad-tokens", "bad-claims", "bad-keys"]
  .map((name) => `${signIn}/${name}.test.ts`)
  .join(" ");
const verification: readonly Mutation[] = [
  ...inRoom(`${entra}/verify-tab-token.ts`, badTokens, [
    [" || header.b64 !== undefined", ""],
    ["if (now >= exp + CLOCK_SKEW_S)", "if (now > exp + CLOCK_SKEW_S)"],
    [
      'typeof value === "number" && Number.isFinite(value) && value > 0',
      "Number.isFinite(Number(value)) && Number(value) > 0",
    ],
    ["Number.isFinite(value) && value > 0", "Number.isFinite(value)"],
    ["MAX_LIFETIME_S = 29 * 3600", "MAX_LIFETIME_S = 31 * 3600"],
    ["(roles !== undefined && scp === undefined)", "false"],
    ['idtyp !== undefined && idtyp !== "user"', 'idtyp === "app"'],
    [
      "return [expect.clientId, expect.applicationIdUri, `${expect.applicationIdUri}/`];",
      'return [expect.clientId, expect.applicationIdUri, `${expect.applicationIdUri}/`, "https://graph.microsoft.com"];',
    ],
    [
      "includes(claims.aud)) return reject",
      "map((one) => String(one).toLowerCase()).includes(String(claims.aud).toLowerCase())) return reject",
    ],
    ["claims.iss !== answer.issuer", "String(claims.iss).toLowerCase() !== answer.issuer.toLowerCase()"],
    ["if (!/^[A-Za-z0-9_-]+$/.test(segment)) return false;", ""],
    ["|| !isBase64url(signature))", ")"],
    [
      'const value: unknown = JSON.parse(utf8.decode(Buffer.from(segment, "base64url")));',
      'const value: unknown = JSON.parse(Buffer.from(segment, "base64url").toString());',
    ],
    ["keys.find(claims.ver, header.kid)", 'keys.find("2.0", header.kid)'],
  ]),
  ...inRoom(
    `${entra}/tenant-keys.ts`,
    `${entra}/tenant-keys.test.ts ${entra}/unusable-keys.test.ts ${badTokens}`,
    [
      [
        "offered.host === allowed.host || offered.host ===",
        "offered.host.endsWith(allowed.host) || offered.host ===",
      ],
      ["issuer === base :", "issuer.startsWith(loginUrl) :"],
      ["return isKnownHost && issuer === `https://${hostname}/${tenantId}/`;", "return isKnownHost;"],
      ["documented ? hostname === documented :", "documented ? hostname.endsWith(documented) :"],
      [".max(MAX_KEYS)", ""],
      ["MIN_MODULUS_BITS = 2048", "MIN_MODULUS_BITS = 1024"],
    ],
  ),
];

export const roomMutations = { router, "code flow": codeFlow, verification, webhook } as const;
