import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cut, isolated, plainText } from "../../../platform/markdown/index.ts";
import type { ChannelFacts, PostFacts, ServerRules } from "../rules/facts.ts";
import { contentLevel, displayName, nameFormatFor, type Reader, type Wording, wordsFor } from "./wording.ts";

const people: Record<string, string> = { bob: "Bob Builder", "c.d": "Carol" };
const text = (markdown: string) => plainText(markdown, (name) => people[name] ?? null);

describe("Markdown as one line of plain text", () => {
  const lines: [name: string, markdown: string, plain: string][] = [
    ["plain", "hello there", "hello there"],
    ["bold", "a **b** c", "a b c"],
    ["bold with underscores", "a __b__ c", "a b c"],
    ["italics", "a *b* _c_", "a b c"],
    ["bold and italics", "***b***", "b"],
    ["struck through", "~~a~~ b", "a b"],
    ["stars that mean nothing", "2 * 3 * 4", "2 * 3 * 4"],
    ["underscores inside a word", "snake_case_name", "snake_case_name"],
    ["an escaped star", "\\*not bold\\*", "*not bold*"],
    ["inline code is marked", "run `rm -rf *`", "run `rm -rf *`"],
    ["a block of code is marked", "```js\nlet a = 1;\nlet b;\n```", "`let a = 1; let b;`"],
    ["marks inside code stay", "`**x**`", "`**x**`"],
    ["a heading", "## Title", "Title"],
    ["a closed heading", "# Title #", "Title"],
    ["a quote", "> said\n\nanswer", "said answer"],
    ["a list", "- one\n- two", "one two"],
    ["a numbered list", "1. one\n2. two", "1. one 2. two"],
    ["a task list", "- [ ] open\n- [x] done", "☐ open ☑ done"],
    ["a table", "| a | b |\n|---|---|\n| 1 | 2 |", "a · b 1 · 2"],
    ["a rule", "a\n\n---\n\nb", "a b"],
    ["a link is its text", "see [the plan](https://example.com/x?y=1)", "see the plan"],
    ["a bold link", "**[the plan](https://x.com)**", "the plan"],
    ["a bare link stays", "https://example.com/a_b_c", "https://example.com/a_b_c"],
    ["an image is its description", "![a cat](https://x.com/c.png)", "a cat"],
    ["an emoji name", "nice :tada:", "nice 🎉"],
    ["an emoji with a tone", ":thumbsup_dark_skin_tone:", "👍🏿"],
    ["an emoji of a medium tone", ":wave_medium_light_skin_tone:", "👋🏼"],
    ["a custom emoji keeps its name", ":our_logo:", ":our_logo:"],
    ["no emoji inside a time", "at 10:30:45", "at 10:30:45"],
    ["not a property of every object", ":constructor: :toString:", ":constructor: :toString:"],
    ["a mention is a name", "hi @bob!", "hi Bob Builder!"],
    ["a mention with a dot", "hi @c.d.", "hi Carol."],
    ["an unknown mention stays", "hi @zoe", "hi @zoe"],
    ["a mention in code stays", "`@bob`", "`@bob`"],
    ["an address is no mention", "bob@example.com x@bob", "bob@example.com x@bob"],
    ["line breaks are blanks", "a\nb\n\nc", "a b c"],
    ["many blanks are one", "a    b\t c", "a b c"],
    ["an entity", "a &lt; b &amp; c", "a < b & c"],
    ["HTML is text", "<b>x</b> <script>", "<b>x</b> <script>"],
    ["control characters go", "a\u0007b", "ab"],
    ["directional overrides go", "a\u202egnp.exe\u202c", "agnp.exe"],
    ["a joined emoji stays whole", "👩‍👩‍👧", "👩‍👩‍👧"],
    ["placeholders of our own mean nothing", "\ufff90\ufffb `x`", "0 `x`"],
    ["nothing", "", ""],
  ];
  for (const [name, markdown, plain] of lines) test(name, () => expect(text(markdown)).toBe(plain));

  test("any text comes out as one line, without controls", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: "binary" }), (any) => {
        const plain = text(any);
        expect(plain).not.toMatch(/[\n\r\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
      { numRuns: 100 },
    );
  });

  for (const [name, piece] of Object.entries({
    brackets: "[",
    "closed brackets": "[a](",
    ticks: "`",
    stars: "*",
    underscores: "_a",
    quotes: "> ",
    tildes: "~~",
    "tildes and letters": "~~a ",
    pipes: "|",
    colons: ":a",
    lists: "- ",
    www: "www.",
    links: "http://(",
  })) {
    test(`60,000 characters of ${name} take bounded time`, () => {
      expect(text(piece.repeat(Math.ceil(60_000 / piece.length))).length).toBeGreaterThanOrEqual(0);
    });
  }
});

describe("cutting a text", () => {
  test("short text is whole, long text ends in an ellipsis within the limit", () => {
    expect(cut("x".repeat(150), 150)).toBe("x".repeat(150));
    expect(cut("x".repeat(151), 150)).toBe(`${"x".repeat(149)}…`);
  });

  const wholes = {
    "a family": "👩‍👩‍👧‍👦",
    "a flag": "🇩🇪",
    "a letter with marks": "ẹ̀",
    "a toned thumb": "👍🏿",
    Hindi: "क्षि",
  };
  for (const [name, whole] of Object.entries(wholes)) {
    test(`never through ${name}`, () => {
      for (let before = 0; before < 20; before += 1) {
        const result = cut(`${"x".repeat(before)}${whole.repeat(40)}`, 60);
        expect(result.length).toBeLessThanOrEqual(60);
        const rest = result.slice(before, -1);
        expect(rest).toBe(whole.repeat(rest.length / whole.length));
      }
    });
  }

  test("any text stays within any limit, and is well formed", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.integer({ min: 2, max: 150 }),
        (any, limit) => {
          const result = cut(any, limit);
          expect(result.length).toBeLessThanOrEqual(limit);
          expect(result.isWellFormed()).toBe(true);
        },
      ),
    );
  });
});

test("a right-to-left name does not reorder the sentence around it", () => {
  expect(isolated("دانا")).toBe("\u2068دانا\u2069");
  expect(isolated("Dana")).toBe("Dana");
  expect(isolated("Dana\u202e")).toBe("Dana");
});

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

  test("an empty text gives no preview", () => {
    expect(said({ message: "" })).toBeNull();
    expect(said({ message: "\u202e" })).toBeNull();
  });
});
