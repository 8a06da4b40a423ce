import { describe, expect, test } from "bun:test";
import { MAX_BYTES, type SentFile, type TeamsDraft, toTeams } from "./index.ts";
import { bytesOf } from "./split.ts";
import golden from "./testdata/markdown-to-teams.json" with { type: "json" };
import { expand } from "./testing/expand.ts";
import { textOfHtml, wellFormed } from "./testing/html-text.ts";
import { names } from "./testing/mattermost-world.ts";

/** The cases of testdata/markdown-to-teams.json; its top explains the format. */
interface Case {
  readonly id: string;
  readonly why: string;
  readonly input: {
    readonly markdown: unknown;
    readonly channelType?: string;
    readonly props?: Readonly<Record<string, unknown>>;
    readonly files?: readonly SentFile[];
    readonly senderIsBot?: string;
    readonly edit?: boolean;
  };
  readonly expected: string | null;
  readonly alsoOk?: readonly string[];
  readonly mentions: readonly Readonly<Record<string, unknown>>[];
  readonly attachments?: readonly unknown[];
  readonly importance?: string;
  readonly drop?: string;
  readonly expect?: Readonly<Record<string, string | number | boolean>>;
}

const cases = (golden as unknown as { cases: readonly Case[] }).cases;

function convert({ input }: Case) {
  const { markdown, props = {}, channelType, files, senderIsBot, edit } = input;
  return toTeams(
    {
      message: expand(markdown),
      ...(typeof props.postType === "string" ? { type: props.postType } : {}),
      ...(typeof props.priority === "string" ? { priority: props.priority } : {}),
      attachments: props.attachments,
      mentionHighlightDisabled: props.mentionHighlightDisabled === true,
    },
    {
      ...names(channelType),
      files: files ?? [],
      ...(senderIsBot === undefined ? {} : { author: senderIsBot }),
      ...(edit === undefined ? {} : { edit }),
      postUrl: "https://mm.example/team1/pl/p1",
    },
  );
}

function longForm({
  id,
  mentionText,
  user,
  conversation,
  conversationIdentityType,
}: Record<string, unknown>) {
  const displayName = mentionText;
  const mentioned = user
    ? { user: { id: user, displayName, userIdentityType: "aadUser" } }
    : { conversation: { id: conversation, displayName, conversationIdentityType } };
  return { id, mentionText, mentioned };
}

describe("every golden case from Mattermost", () => {
  for (const one of cases) {
    test(`${one.id}: ${one.why}`, () => {
      const before = process.threadCpuUsage();
      const sent = convert(one);
      // Measures processor time, which does not depend on other load on the machine.
      const { user, system } = process.threadCpuUsage(before);
      const millis = (user + system) / 1000;
      expect(sent.dropped).toBe((one.drop ?? null) as never);
      if (sent.dropped !== null) return;
      for (const message of sent.messages) everyMessage(message);
      if (one.expected !== null) {
        expect(sent.messages).toHaveLength(1);
        const [message] = sent.messages as [TeamsDraft];
        expect([one.expected, ...(one.alsoOk ?? [])]).toContain(message.content);
        if (message.content === one.expected)
          expect(message.mentions).toEqual(one.mentions.map(longForm) as never);
        expect(message.attachments).toEqual((one.attachments ?? []) as never);
        expect(message.importance).toBe((one.importance ?? "normal") as never);
      }
      properties(one, sent.messages, millis);
    });
  }
});

/** Checks that a message contains nothing that Graph refuses or that must never be sent. */
function everyMessage({ content, mentions }: TeamsDraft) {
  expect(wellFormed(content)).toBe(true);
  const entries = mentions.length === 0 ? 0 : bytesOf(JSON.stringify(mentions));
  expect(bytesOf(content) + entries).toBeLessThanOrEqual(MAX_BYTES);
  const tags = [...content.matchAll(/<at id="(\d+)">([^<]*)<\/at>/g)];
  expect(tags.map(([, id]) => Number(id))).toEqual(mentions.map(({ id }) => id));
  expect(mentions.map(({ id }) => id)).toEqual(mentions.map((_, index) => index));
  expect(tags.map(([, , text]) => textOfHtml(text ?? ""))).toEqual(
    mentions.map(({ mentionText }) => mentionText),
  );
}

function properties(one: Case, messages: readonly TeamsDraft[], millis: number) {
  const all = messages.map(({ content }) => content);
  const text = all.map(textOfHtml).join("");
  for (const [name, value] of Object.entries(one.expect ?? {})) {
    if (name === "parts") expect(messages).toHaveLength(Number(value));
    else if (name === "minParts") expect(messages.length).toBeGreaterThanOrEqual(Number(value));
    else if (name === "maxMillis") expect(millis).toBeLessThan(Number(value));
    else if (name === "containsText") expect(text).toContain(String(value));
    else if (name === "allText") {
      const source = expand(one.input.markdown)
        .replace(/^```\w*$/gm, "")
        .replace(/\s/g, "");
      expect(text.replace(/[\s\u00a0]/g, "").replace(/```$/, "")).toBe(source.replace(/```$/, ""));
    } else if (name === "noCutEntity")
      for (const part of all) expect(part).not.toMatch(/&(?!\w+;)|(?<!&)\b(?:lt|gt|amp);/);
    else if (!["maxBytesPerPart", "wellFormed", "idsDense", "tagsMatchEntries"].includes(name))
      throw new Error(`the cases know a property that this test does not: ${name}`);
  }
}

test("the check for well-formed HTML can fail", () => {
  expect(wellFormed("<p>a</p>")).toBe(true);
  for (const bad of [
    "<p>a",
    "<p>a</p></p>",
    "<b><i>x</b></i>",
    "<p>a & b</p>",
    "<p>&nbs</p>",
    "<p><p>a</p></p>",
    "a < b",
  ])
    expect([bad, wellFormed(bad)]).toEqual([bad, false]);
});
