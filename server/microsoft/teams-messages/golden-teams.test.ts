import { describe, expect, test } from "bun:test";
import { hostedContentPath, type TeamsMessage, toMarkdown } from "./index.ts";
import golden from "./testdata/teams-to-markdown.json" with { type: "json" };
import { expand } from "./testing/expand.ts";
import { options, visibleText } from "./testing/teams-world.ts";

/** The cases of testdata/teams-to-markdown.json; its top explains the format. */
interface Case {
  readonly id: string;
  readonly why: string;
  readonly input: Record<string, unknown> & { readonly message?: TeamsMessage };
  readonly expected: string | null;
  readonly alsoOk?: readonly string[];
  readonly compare?: string;
  readonly drop?: string;
  readonly rootId?: string;
  readonly author?: string;
  readonly files?: readonly { readonly from: string; readonly url: string; readonly name?: string }[];
  readonly expect?: Readonly<Record<string, string | number | boolean>>;
}

const cases = (golden as unknown as { cases: readonly Case[] }).cases;

function convert({ input }: Case) {
  const { message, body, contentType = "html", mode, knownMessages, fetched, ...rest } = input;
  const whole = message ?? {
    ...rest,
    from: { user: { id: "u-rob", displayName: "Robin Kline" } },
    body: { contentType, content: expand(body) },
  };
  return toMarkdown(
    whole as TeamsMessage,
    options({
      channel: mode !== "notify",
      known: (knownMessages ?? {}) as Record<string, string>,
      fetched: (fetched ?? {}) as Record<string, string | null>,
    }),
  );
}

describe("every golden case from Teams", () => {
  for (const one of cases) {
    test(`${one.id}: ${one.why}`, () => {
      const before = process.threadCpuUsage();
      const post = convert(one);
      // Measures processor time, which does not depend on other load on the machine.
      const { user, system } = process.threadCpuUsage(before);
      const millis = (user + system) / 1000;
      expect(post.dropped).toBe((one.drop ?? null) as never);
      if (post.dropped !== null) return;
      if (one.compare === "visibleText")
        expect(visibleText(post.markdown)).toBe(visibleText(one.expected ?? ""));
      else if (one.expected !== null) expect([one.expected, ...(one.alsoOk ?? [])]).toContain(post.markdown);
      if (one.files) {
        const files = post.files.map((file) =>
          file.from === "reference"
            ? file
            : {
                from: file.from,
                url: `https://graph.microsoft.com/v1.0${decodeURIComponent(hostedContentPath(file))}`,
              },
        );
        expect(files).toEqual(one.files as never);
      }
      expect(post.rootId).toBe(one.rootId ?? null);
      if (one.author) expect([post.author.userId, post.author.name]).toContain(one.author);
      properties(one.expect ?? {}, post.markdown, millis);
    });
  }
});

function properties(
  wanted: Readonly<Record<string, string | number | boolean>>,
  markdown: string,
  millis: number,
) {
  for (const [name, value] of Object.entries(wanted)) {
    if (name === "contains") expect(markdown).toContain(String(value));
    else if (name === "maxRunes") expect([...markdown].length).toBeLessThanOrEqual(Number(value));
    else if (name === "maxMillis") expect(millis).toBeLessThan(Number(value));
    else if (name === "maxQuoteDepth") {
      const depth = Math.max(
        ...markdown.split("\n").map((line) => /^(?:> ?)*/.exec(line)?.[0].match(/>/g)?.length ?? 0),
      );
      expect(depth).toBeLessThanOrEqual(Number(value));
    } else if (name === "endsWithLink")
      expect(markdown.endsWith(`[${value}](https://teams.example/message)`)).toBe(true);
    else if (name === "balancedFences") expect((markdown.match(/^`{3,}/gm) ?? []).length % 2).toBe(0);
    else throw new Error(`the cases know a property that this test does not: ${name}`);
  }
}
