/** What a member writes in Mattermost never becomes HTML, a foreign link or an attribute in Teams. */

import { describe, expect, test } from "bun:test";
import { type MattermostPost, type ToTeamsOptions, toTeams } from "./index.ts";
import { names } from "./testing/mattermost-world.ts";

function htmlOf(post: string | MattermostPost, options: Partial<ToTeamsOptions> = {}): string {
  const sent = toTeams(typeof post === "string" ? { message: post } : post, { ...names(), ...options });
  return sent.dropped ?? sent.messages.map(({ content }) => content).join("\n");
}

describe("a member's text in Teams", () => {
  const cases: Readonly<Record<string, readonly [markdown: string, html: string]>> = {
    "a script": ["<script>x</script> & <b>", "<p>&lt;script&gt;x&lt;/script&gt; &amp; &lt;b&gt;</p>"],
    "an entity": ["a &amp;lt; b", "<p>a &amp;lt; b</p>"],
    "links with other schemes": ["[x](javascript:y) [z](data:text/html,w) [v](vbscript:u)", "<p>x z v</p>"],
    "an address of another host without scheme": ["[x](//evil.example/y)", "<p>x</p>"],
    "quotes in an address": ['[x](<https://x.example/">)', '<p><a href="https://x.example/%22">x</a></p>'],
    "a quote in a description": [
      '![a"b<c>](https://x.example/i.png)',
      '<p><img src="https://x.example/i.png" alt="a&quot;b&lt;c&gt;"></p>',
    ],
    "an ampersand in an address": [
      "[x](https://x.example/?a=1&b=2)",
      '<p><a href="https://x.example/?a=1&amp;b=2">x</a></p>',
    ],
    "an ampersand in a picture's address": [
      "![p](https://x.example/?a=1&b=2)",
      '<p><img src="https://x.example/?a=1&amp;b=2" alt="p"></p>',
    ],
    "a picture without encryption": [
      "![a](http://x.example/i.png)",
      '<p><a href="http://x.example/i.png">a</a></p>',
    ],
    "a picture that only members of Mattermost may see": [
      "![a](/api/v4/files/1)",
      '<p><a href="https://mm.example/api/v4/files/1">a</a></p>',
    ],
    "an address that is too long": [`[x](https://x.example/${"a".repeat(4_000)})`, "<p>x</p>"],
    "HTML in code": ["`<b>&`", "<p><code>&lt;b&gt;&amp;</code></p>"],
    "HTML in a block of code": [
      "```js\n<b>\n```",
      '<codeblock class="JavaScript"><code>&lt;b&gt;</code></codeblock>',
    ],
    "a language that ends its attribute": ['```"><b>\nx\n```', "<codeblock><code>x</code></codeblock>"],
    "HTML in a cell": [
      "| <i> | b |\n|--|--|\n| <u> | d |",
      "<table><tbody><tr><td><strong>&lt;i&gt;</strong></td><td><strong>b</strong></td></tr><tr><td>&lt;u&gt;</td><td>d</td></tr></tbody></table>",
    ],
    "a picture without encryption in a link": [
      "[![a](http://x.example/i.png)](https://y.example)",
      '<p><a href="https://y.example">a</a></p>',
    ],
    "a name in the text of a link": [
      "[@alex](https://x.example)",
      '<p><a href="https://x.example">@alex</a></p>',
    ],
    "a zero-width space of our own conversion": ["@\u200ball", "<p>@all</p>"],
    "a display name with HTML": ["@eve", '<p><at id="0">Eve &lt;b&gt; &amp; Co</at></p>'],
  };
  for (const [name, [markdown, html]] of Object.entries(cases))
    test(name, () => expect(htmlOf(markdown)).toBe(html));

  test("a channel's display name with HTML", () => {
    expect(htmlOf("~odd", { publicChannel: () => "<b>" })).toBe(
      '<p><a href="https://mm.example/team1/channels/odd">~&lt;b&gt;</a></p>',
    );
  });
  test("an author's name and a file's name with HTML", () => {
    const files = [{ name: "<i>.txt", failed: true }] as never;
    expect(htmlOf("x", { author: "<b>", files })).toBe(
      "<p><strong>&lt;b&gt;</strong></p><p>x</p><p><em>Not transferred: &lt;i&gt;.txt</em></p>",
    );
  });
  test("a member who may not mention everybody does not", () => {
    expect(htmlOf({ message: "@all", mentionHighlightDisabled: true })).toBe("<p>@all</p>");
    expect(htmlOf({ message: "@all" })).toBe('<p><at id="0">General</at></p>');
  });
  test("posts of the server itself are not sent", () => {
    expect(htmlOf({ message: "ana joined", type: "system_join_channel" })).toBe("system_post");
  });
});
