import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { covers, orderKey, type Resource, readResource, resourcePath } from "./resource.ts";

const CHAT = "19:aaaa_bbbb@unq.gbl.spaces";
const TEAM = "11111111-2222-3333-4444-555555555555";
const CHANNEL = "19:abc@thread.tacv2";
const USER = "99999999-2222-3333-4444-555555555555";

describe("reads a resource", () => {
  const cases: [text: string, resource: Resource][] = [
    ["/chats/getAllMessages", { kind: "all_chats" }],
    ["chats/getallmessages", { kind: "all_chats" }],
    ["chats/getAllMessages?model=B", { kind: "all_chats" }],
    [`/users/${USER}/chats/getAllMessages`, { kind: "chats_of", userId: USER }],
    [`chats('${CHAT}')/messages`, { kind: "chat", chatId: CHAT }],
    [`chats('${CHAT}')/messages('1700')`, { kind: "chat_message", chatId: CHAT, messageId: "1700" }],
    [`Chats/${CHAT}/Messages/1700`, { kind: "chat_message", chatId: CHAT, messageId: "1700" }],
    ["chats('19:o''neill')/messages('1')", { kind: "chat_message", chatId: "19:o'neill", messageId: "1" }],
    ["chats('a/b(c)')/messages('1')", { kind: "chat_message", chatId: "a/b(c)", messageId: "1" }],
    [
      "chats('19%3Aab%40thread.v2')/messages('1')",
      { kind: "chat_message", chatId: "19:ab@thread.v2", messageId: "1" },
    ],
    ["chats('100%')/messages('1')", { kind: "chat_message", chatId: "100%", messageId: "1" }],
    [`/teams/${TEAM}/channels/${CHANNEL}/messages`, { kind: "channel", teamId: TEAM, channelId: CHANNEL }],
    [
      `teams('${TEAM}')/channels('${CHANNEL}')/messages('1')`,
      { kind: "channel_message", teamId: TEAM, channelId: CHANNEL, messageId: "1", replyId: null },
    ],
    [
      `teams('${TEAM}')/channels('${CHANNEL}')/messages('1')/replies('2')`,
      { kind: "channel_message", teamId: TEAM, channelId: CHANNEL, messageId: "1", replyId: "2" },
    ],
    [
      `TEAMS/${TEAM}/Channels/${CHANNEL}/messages/1/Replies/2`,
      { kind: "channel_message", teamId: TEAM, channelId: CHANNEL, messageId: "1", replyId: "2" },
    ],
    ["/me/events", { kind: "events", userId: null }],
    [`/users/${USER}/events?$select=id,subject`, { kind: "events", userId: USER }],
    [`Users/${USER}/Events/AAMk=`, { kind: "event", userId: USER, eventId: "AAMk=" }],
    [`users('${USER}')/events('AAMk=')`, { kind: "event", userId: USER, eventId: "AAMk=" }],
    [`Users/${USER}/Events/AA/Mk+=`, { kind: "event", userId: USER, eventId: "AA/Mk+=" }],
  ];
  for (const [text, resource] of cases) test(text, () => expect(readResource(text)).toEqual(resource));
});

describe("refuses a resource", () => {
  const refused = [
    "",
    "/",
    "//chats/getAllMessages",
    "chats",
    "chats/",
    "chats('')/messages('1')",
    "chats('..')/messages('1')",
    "chats/../messages/1",
    "chats/%2e%2e/messages/1",
    "chats('a')/messages('1') ",
    "chats('a b')/messages('1')",
    "chats('a\u0000')/messages('1')",
    "chats('a%0d%0a')/messages('1')",
    "chats('a'b')/messages('1')",
    "chats('a)/messages('1')",
    "chats('a')messages('1')",
    "chats('a')/messages('1')/replies('2')",
    "chats('a')/messages('1')/hostedContents('2')",
    "chats('a')/members('1')",
    "chats/getAllMessages/1",
    "teams('t')/channels('c')",
    "teams('t')/channels('c')/messages('1')/replies",
    "teams('t')/channels('c')/messages('1')/replies('2')/more",
    "teams/getAllMessages",
    "users('u')/messages('1')",
    "users('u')/events('')",
    "me/events/1",
    "me",
    "https://evil.example/chats('a')/messages('1')",
    "//evil.example/chats('a')/messages('1')",
    "../chats('a')/messages('1')",
    "communications/presences/1",
    `chats('${"a".repeat(600)}')/messages('1')`,
    `chats('a')/messages('1')${"/x".repeat(1100)}`,
    `chats('a')/messages('1')?$select=${"x".repeat(2100)}`,
  ];
  for (const text of refused)
    test(JSON.stringify(text.slice(0, 60)), () => expect(readResource(text)).toBeNull());
});

test("a path that is built names the same resource, whatever the ids contain", () => {
  const id = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme-ascii" }).filter((text) => {
    return !/[\p{Cc}\s%]/u.test(text) && text !== "." && text !== "..";
  });
  fc.assert(
    fc.property(id, id, id, (teamId, channelId, messageId) => {
      const resource: Resource = { kind: "channel_message", teamId, channelId, messageId, replyId: "2" };
      const path = resourcePath(resource);
      expect(path.split("/")).toHaveLength(9);
      expect(path).not.toMatch(/[?#\s\\]/);
      expect(new URL(`https://graph.example/v1.0${path}`).pathname).toBe(`/v1.0${path}`);
      expect(readResource(path)).toEqual(resource);
    }),
  );
});

describe("matches a notification to a subscription", () => {
  const message = (text: string) => readResource(text) as Resource;
  const cases: [wished: string, changed: string, yes: boolean][] = [
    ["/chats/getAllMessages", `chats('${CHAT}')/messages('1')`, true],
    ["/chats/getAllMessages", `teams('${TEAM}')/channels('${CHANNEL}')/messages('1')`, false],
    ["/chats/a/messages", "chats('a')/messages('1')", true],
    ["/chats/a/messages", "chats('b')/messages('1')", false],
    [
      `/teams/${TEAM}/channels/${CHANNEL}/messages`,
      `teams('${TEAM}')/channels('${CHANNEL}')/messages('1')/replies('2')`,
      true,
    ],
    [
      `/teams/${TEAM}/channels/${CHANNEL}/messages`,
      `teams('${TEAM}')/channels('19:other')/messages('1')`,
      false,
    ],
    [`/teams/${TEAM}/channels/c/messages`, `teams('${USER}')/channels('c')/messages('1')`, false],
    [`/users/${USER}/events`, `Users/${USER.toUpperCase()}/Events/1`, true],
    [`/users/${USER}/events`, `Users/${TEAM}/Events/1`, false],
    ["/me/events", `Users/${USER}/Events/1`, true],
    ["/me/events", `chats('${CHAT}')/messages('1')`, false],
    ["/chats/getAllMessages", "/chats/getAllMessages", false],
  ];
  for (const [wished, changed, yes] of cases) {
    test(`${wished} and ${changed}: ${yes ? "yes" : "no"}`, () => {
      expect(covers(message(wished), message(changed))).toBe(yes);
    });
  }

  test("replies are ordered with their channel, messages with their chat", () => {
    const of = (text: string) => orderKey(message(text));
    expect(of("teams('t')/channels('c')/messages('1')/replies('2')")).toBe(
      of("teams('t')/channels('c')/messages('9')"),
    );
    expect(of("chats('a')/messages('1')")).not.toBe(of("chats('b')/messages('1')"));
  });
});
