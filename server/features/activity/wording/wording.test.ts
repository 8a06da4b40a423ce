import { describe, expect, test } from "bun:test";
import type { ChannelFacts, PostFacts, ServerRules } from "../rules/facts.ts";
import { contentLevel, displayName, nameFormatFor, type Reader, type Wording, wordsFor } from "./wording.ts";

const server: ServerRules = {
  maxNotificationsPerChannel: 1000,
  collapsedThreads: "disabled",
  threadAutoFollow: true,
  enablePostUsernameOverride: true,
  teammateNameDisplay: "username",
  lockTeammateNameDisplay: false,
  showFullName: true,
  pushContents: "full",
  pushes: false,
};
const post: PostFacts = {
  id: "p",
  channelId: "c",
  authorId: "a",
  rootId: "",
  type: "",
  message: "the secret plan",
  createdAt: 0,
  edited: false,
  deleted: false,
  fromWebhook: false,
  fromMicrosoft: false,
  overrideUsername: "",
  attachments: [],
  fileIds: [],
  urgent: false,
};
const channel: ChannelFacts = {
  id: "c",
  type: "O",
  name: "town",
  displayName: "Secret Lab",
  teamId: "t",
  archived: false,
  groupConstrained: false,
};
const reader: Reader = { reason: "mention", nameFormat: "username", locale: "en" };

function words(
  over: Partial<Omit<Wording, "post">> & { post?: Partial<PostFacts> } = {},
  who: Partial<Reader> = {},
) {
  const wording: Wording = {
    channel,
    server,
    author: { username: "alice", nickname: "Al", fullName: "Alice Liddell" },
    level: "full",
    nameOf: () => null,
    byUsername: () => null,
    images: null,
    ...over,
    post: { ...post, ...over.post },
  };
  return wordsFor(wording, { ...reader, ...who });
}

describe("the content level", () => {
  test("full: who, where, and the text", () => {
    expect(words()).toEqual({
      type: "mention",
      parameters: { author: "@alice", channel: "Secret Lab" },
      preview: "the secret plan",
    });
  });

  const levels = {
    sender_and_channel: ["plan"],
    sender: ["plan", "Lab"],
    nothing: ["plan", "Lab", "alice"],
  } as const;
  for (const [level, hidden] of Object.entries(levels)) {
    test(`${level}: nothing of ${hidden.join(", ")} gets out`, () => {
      const said = JSON.stringify(words({ level: level as keyof typeof levels }));
      for (const word of hidden) expect(said).not.toContain(word);
      expect(said.includes("alice")).toBe(level !== "nothing");
    });
  }

  test("a burn-on-read message never shows its text", () => {
    expect(words({ post: { type: "burn_on_read" } }).preview).toBeNull();
  });

  test("the server's setting decides, or the admin's when it is stricter; an unknown value means no text", () => {
    expect(contentLevel("full", "server")).toBe("full");
    expect(contentLevel("generic", "server")).toBe("sender_and_channel");
    expect(contentLevel("generic_no_channel", "server")).toBe("sender");
    expect(contentLevel("id_loaded", "server")).toBe("nothing");
    expect(contentLevel("something new", "server")).toBe("nothing");
    expect(contentLevel("full", "sender")).toBe("sender");
    expect(contentLevel("id_loaded", "sender_and_channel")).toBe("nothing");
    expect(contentLevel("generic_no_channel", "sender_and_channel")).toBe("sender");
  });
});

describe("display names", () => {
  const alice = { username: "alice", nickname: "Al", fullName: "Alice Liddell" };

  test("as the reader prefers", () => {
    expect(displayName(alice, "username")).toBe("@alice");
    expect(displayName(alice, "nickname_full_name")).toBe("Al");
    expect(displayName({ ...alice, nickname: "" }, "nickname_full_name")).toBe("Alice Liddell");
    expect(displayName(alice, "full_name")).toBe("Alice Liddell");
    expect(displayName({ ...alice, fullName: "" }, "full_name")).toBe("@alice");
  });

  test("only what the server allows", () => {
    expect(nameFormatFor(server, "full_name")).toBe("full_name");
    expect(nameFormatFor(server, null)).toBe("username");
    expect(nameFormatFor({ ...server, lockTeammateNameDisplay: true }, "full_name")).toBe("username");
    expect(nameFormatFor({ ...server, showFullName: false }, "full_name")).toBe("username");
  });

  test("a webhook's own name, if the server allows it and never in a direct message", () => {
    const ci = { post: { fromWebhook: true, overrideUsername: "CI" } };
    expect(words(ci).parameters.author).toBe("CI");
    expect(words({ ...ci, server: { ...server, enablePostUsernameOverride: false } }).parameters.author).toBe(
      "@alice",
    );
    expect(words({ ...ci, channel: { ...channel, type: "D" } }).parameters.author).toBe("@alice");
    expect(words({ post: { overrideUsername: "CEO" } }).parameters.author).toBe("@alice");
  });

  test("a direct message has no channel name", () => {
    expect(words({}, { reason: "direct_message" }).parameters).toEqual({ author: "@alice" });
  });
});

describe("previews", () => {
  const said = (over: Partial<PostFacts>, images: number | null = null, locale = "en") =>
    words({ post: over, images }, { locale }).preview;

  test("at most 150 characters, including files", () => {
    const long = said({ message: "word ".repeat(100), fileIds: ["a", "b"] });
    expect(long?.length).toBeLessThanOrEqual(150);
    expect(long).toEndWith("… 📎2");
    expect(said({ message: "see", fileIds: ["a"] })).toBe("see 📎1");
  });

  test("files only, in the reader's language", () => {
    expect(said({ message: "", fileIds: ["a"] }, 1)).toBe("sent an image");
    expect(said({ message: "", fileIds: ["a", "b", "c"] }, 3)).toBe("sent 3 images");
    expect(said({ message: "", fileIds: ["a", "b"] }, 1)).toBe("sent 2 files");
    expect(said({ message: "", fileIds: ["a", "b", "c"] }, 3, "de-AT")).toBe("hat 3 Bilder gesendet");
    expect(said({ message: "", fileIds: ["a"] }, 0, "ja")).toBe("ファイルを送信しました");
    expect(said({ message: "", fileIds: ["a"] }, 0, "xx")).toBe("sent a file");
  });

  test("attachments by their summary", () => {
    const attachment = { pretext: "before", text: "**Build** failed", fallback: "Build failed", fields: [] };
    expect(said({ message: "", attachments: [attachment] })).toBe("Build failed");
    expect(said({ message: "look", attachments: [{ ...attachment, fallback: "", pretext: "" }] })).toBe(
      "look Build failed",
    );
  });

  test("an urgent message is marked, within the limit", () => {
    expect(said({ urgent: true })).toBe("❗ the secret plan");
    expect(said({ urgent: true, message: "x".repeat(200) })?.length).toBeLessThanOrEqual(150);
  });

  test("a long post is parsed only as far as it can be shown", () => {
    expect(said({ message: `${"word ".repeat(3000)}` })?.length).toBeLessThanOrEqual(150);
    expect(said({ message: `[plan](https://example.com/${"x".repeat(2000)}) is ready` })).toBe(
      "plan is ready",
    );
  });

  test("without anything to show there is no preview", () => {
    expect(said({ message: "" })).toBeNull();
    expect(said({ message: "\u202e" })).toBeNull();
  });
});
