import { describe, expect, test } from "bun:test";
import { toMarkdown } from "./index.ts";
import { adaptive, card, chatId, convert, from, hosted, markdownOf } from "./testing/strangers-message.ts";
import { options } from "./testing/teams-world.ts";

const Z = "\u200b";

/** A stranger's content → the whole post. */
const table = (cases: Readonly<Record<string, readonly [html: string, markdown: string]>>) => {
  for (const [name, [html, markdown]] of Object.entries(cases)) {
    test(name, () => expect(markdownOf(html)).toBe(markdown));
  }
};

describe("cases found by the property tests", () => {
  table({
    "an address in front of code does not take the code in": [
      `<a href="https://x.example">${Z}</a><a href="data:x"><code>@all</code></a>`,
      `[https://x.example](https://x.example)\`@all\``,
    ],
    "an address that is no link does not take the code in": [
      "<p>https://<code>@all</code> https://x<code>@all</code> x<code>@all</code></p>",
      "https:// `@all` https://x `@all` x`@all`",
    ],
    "a code span or a mark is not part of a mail link": [
      "<p>&lt;!--<code>@all&gt; </code> &lt;<b>x</b>@all&gt;</p>",
      `<${Z}!--\`@all> \` <${Z}**x**@${Z}all>`,
    ],
    "a scheme without an address is no link": ["<p>&lt;word:&gt;</p>", `<${Z}word:>`],
    "italics before an address": [
      '<i>x</i><a href="https://y.example/a_@all">https://y.example/a_@all</a>',
      "*x*https://y.example/a_@all",
    ],
    "a local part with signs is not a mail link": ["<p>&lt;!--a@b.example&gt;</p>", `<${Z}!--a@b.example>`],
    "control: an address in brackets": ["<p>&lt;a@b.example&gt;</p>", "<a@b.example>"],
  });
});

describe("mentions", () => {
  table({
    "by entity": ["<p>&#x40;here &commat;all</p>", `@${Z}here @${Z}all`],
    "behind a zero-width space of their own": ["<p>@&#8203;all</p>", `@${Z}all`],
    "behind a word joiner": ["<p>@&#8288;all</p>", `@${Z}all`],
    "behind a direction mark": ["<p>@&#8238;all</p>", `@${Z}all`],
    "behind a byte order mark": ["<p>@\ufeffall</p>", `@${Z}all`],
    "behind a control character": ["<p>@\u0001all</p>", `@${Z}all`],
    "behind a comment": ["<p>@<!-- x -->all</p>", `@${Z}all`],
    "behind a script": ["<p>@<script>x</script>all</p>", `@${Z}all`],
    "in a heading": ["<h1>@all</h1>", `# @${Z}all`],
    "in a cell": [
      "<table><tr><td>@all<td>b<tr><td>c<td>d</table>",
      `| @${Z}all | b |\n| --- | --- |\n| c | d |`,
    ],
    "in a quote": ["<blockquote>@all</blockquote>", `> @${Z}all`],
    "in a list": ["<ul><li>@all</ul>", `- @${Z}all`],
    "in bold": ["<b>@all</b>", `**@${Z}all**`],
    "after a code": ["<p><code>x</code>@all</p>", `\`x\`@${Z}all`],
    "in a title of an emoji": ['<emoji title="@all"></emoji>', `@${Z}all`],
    "in an alternative text of an emoji": ['<emoji alt="@all"></emoji>', `@${Z}all`],
    "in a mention that nobody has listed": ['<at id="7">all</at>', `@${Z}all`],
    "in a mention that brings its own sign": ['<at id="7">@channel</at>', `@${Z}channel`],
    "in an address behind a bracket": ["<p>[https://x.example/@all</p>", `\\[https://x.example/@${Z}all`],
    "in an address without a host": ["<p>https://@all</p>", `https://@${Z}all`],
    "in an address behind a colon": ["<p>x:https://y.example/@all</p>", `x:https://y.example/@${Z}all`],
    "behind signs that the server drops in front of a name": [
      "<p>_@all .@all -@all :@all ._-@all</p>",
      `\\_@${Z}all .@${Z}all -@${Z}all :@${Z}all .\\_-@${Z}all`,
    ],
    "as a mail address": ['<a href="mailto:@all">@all</a>', `[@${Z}all](mailto:@all)`],
    "in a mail address with a dot before the sign": [
      '<a href="mailto:x.@all.example">x.@all.example</a>',
      `[x.@${Z}all.example](mailto:x.@all.example)`,
    ],
    "in an address that shows its scheme": [
      '<a href="mailto:.@all">mailto:.@all</a> <a href="tel:.@all">tel:.@all</a>',
      `[mailto:.@${Z}all](mailto:.@all) [tel:.@${Z}all](tel:.@all)`,
    ],
    "in a linked address behind a letter": [
      'x<a href="https://y.example/.@all">https://y.example/.@all</a>',
      `x[https://y.example/.@${Z}all](https://y.example/.@all)`,
    ],
    "in a linked address with an account": [
      '<a href="https://.@all:x@y.example/">https://.@all:x@y.example/</a>',
      `[https://.@${Z}all:x@y.example/](https://.@all:x@y.example/)`,
    ],
    "a sign before a linked mail address": [
      '@<a href="mailto:all@b.example">all@b.example</a>',
      "@[all@b.example](mailto:all@b.example)",
    ],
    "control: a linked mail address, also in brackets and after bold": [
      '<a href="mailto:all@b.example">all@b.example</a> (<a href="mailto:a@b.example">a@b.example</a>) <b>x</b><a href="https://y.example/.@all">https://y.example/.@all</a>',
      "all@b.example (a@b.example) **x**https://y.example/.@all",
    ],
    "a hashtag": ["<p>#tag #Tag #été</p>", `#${Z}tag #${Z}Tag #${Z}été`],
    "a channel": ["<p>~town-square</p>", `~${Z}town-square`],
    "an emoji by its name": [
      "<p>:smile: :SMILE: :+1: :no_such_name:</p>",
      `:${Z}smile: :${Z}SMILE: :${Z}+1: :no_such_name:`,
    ],
  });

  test("in a display name", () => {
    const mentions = [
      { id: 0, mentionText: "all", mentioned: { user: { id: "u-cem", displayName: "all" } } },
    ];
    expect(markdownOf('<at id="0">all</at>', { mentions })).toBe(`@${Z}all`);
  });
  test("in a channel of the same name that is not the linked one", () => {
    const mentioned = {
      conversation: { id: "19:other", displayName: "General", conversationIdentityType: "channel" },
    };
    expect(markdownOf('<at id="0">General</at>', { mentions: [{ id: 0, mentioned }] })).toBe(`@${Z}General`);
  });
  test("in a wrong user name from the directory", () => {
    const mentions = [{ id: 0, mentionText: "X", mentioned: { user: { id: "u-odd", displayName: "X" } } }];
    const post = toMarkdown(
      { from, body: { content: '<at id="0">X</at>' }, mentions },
      { ...options(), usernameOf: () => "all @channel" },
    );
    expect(post.dropped === null && post.markdown).toBe(`@${Z}X`);
  });
  test("in the subject, a card, a quoted and a forwarded message", () => {
    const subject = markdownOf("<p>x</p>", { subject: "@all\n# y" });
    expect(subject).toBe(`## @${Z}all # y\n\nx`);
    expect(adaptive([{ type: "TextBlock", text: "@all :smile: #tag" }])).toBe(
      `@${Z}all :${Z}smile: #${Z}tag`,
    );
    const sender = { user: { displayName: "@all **x**" } };
    expect(
      card("messageReference", { messageId: "1", messagePreview: "@here\n> x", messageSender: sender }),
    ).toBe(`> **@${Z}all \\*\\*x\\*\\***: @${Z}here > x`);
    expect(
      card("forwardedMessageReference", {
        originalMessageContent: "<p>@here</p>",
        originalMessageSender: sender,
      }),
    ).toBe(`> **Forwarded from @${Z}all \\*\\*x\\*\\***\n> @${Z}here`);
    expect(card("x_@all_*y*", "{}")).toBe(`_Unsupported attachment: x\\_@${Z}all\\_\\*y\\*_`);
  });
});

describe("links and pictures", () => {
  table({
    vbscript: ['<a href="vbscript:x">t</a>', "t"],
    file: ['<a href="file:///etc/passwd">t</a>', "t"],
    about: ['<a href="about:blank">t</a>', "t"],
    blob: ['<a href="blob:https://x.example/1">t</a>', "t"],
    "a new line in the scheme": ['<a href="java\nscript:x">t</a>', "t"],
    "a tab in the scheme": ['<a href="java&Tab;script:x">t</a>', "t"],
    "a control character before it": ['<a href="\u0001javascript:x">t</a>', "t"],
    "https without slashes": ['<a href="https:x.example">t</a>', "t"],
    "https with backslashes": ['<a href="https:\\\\x.example">t</a>', "t"],
    "an address without a host": ['<a href="https://">t</a>', "t"],
    "an address that is too long": [`<a href="https://x.example/${"a".repeat(5000)}">t</a>`, "t"],
    "a bracket in the address": [
      '<a href="https://x.example/)[x](javascript:y)">t</a>',
      "[t](https://x.example/%29%5Bx%5D%28javascript:y%29)",
    ],
    "a new line in the address": [
      '<a href="https://x.example/a\n\n# b">t</a>',
      "[t](https://x.example/a#%20b)",
    ],
    "a backtick in the address": ['<a href="https://x.example/`a`">t</a>', "[t](https://x.example/%60a%60)"],
    "a direction mark in the address": [
      '<a href="https://x.example/\u202egnp">t</a>',
      "[t](https://x.example/%E2%80%AEgnp)",
    ],
    "a link typed as Markdown": [
      "<p>[t](javascript:x) ![p](https://x.example/p.png)</p>",
      "\\[t](javascript:x) !\\[p](https://x.example/p.png)",
    ],
    "a link typed in pieces": ["<p>[<b></b>t<i></i>](https://x.example)</p>", "\\[t](https://x.example)"],
    "an exclamation mark before a link": [
      '<p>!<a href="https://x.example">t</a></p>',
      "\\![t](https://x.example)",
    ],
    "an autolink with another scheme": ["<p>&lt;msteams:/l/x&gt;</p>", `<${Z}msteams:/l/x>`],
    "a definition of a reference": ["<p>[x]: https://x.example</p>", "\\[x]: https://x.example"],
    "a text that closes its link": [
      '<a href="https://x.example">a](https://evil.example) [b</a>',
      "[a\\](https://evil.example) \\[b](https://x.example)",
    ],
    "a description that closes its picture": [
      '<img src="https://x.example/i" alt="a](https://evil.example)\\">',
      "![a)(https://evil.example)\\\\](https://x.example/i)",
    ],
    "a picture of another scheme": ['<p>x<img src="ftp://x.example/i" alt="y"></p>', "x"],
    "a picture that is relative": ['<p>x<img src="/api/v4/users/me/image" alt="y"></p>', "x"],
    "a picture in its own address": [
      '<p>x<img src="data:image/png;base64,AAAA" alt="y"></p>',
      "x _Unsupported attachment: image_",
    ],
    "a picture of Teams' closed store": [
      '<p><img src="https://eu-api.asm.skype.com/v1/objects/0/views/imgo"></p>',
      "_Unsupported attachment: image_",
    ],
  });

  const notHosted: Readonly<Record<string, string>> = {
    "another host": hosted.replace("graph.microsoft.com", "graph.microsoft.com.evil.example"),
    "a name before the host": hosted.replace("https://", "https://graph.microsoft.com@evil.example/"),
    "another port": hosted.replace("graph.microsoft.com", "graph.microsoft.com:8443"),
    "a path that climbs": hosted.replace("/messages/", "/messages/../../users/"),
    "an encoded slash": hosted.replace("aQ==", "..%2f..%2fme"),
    "another resource": "https://graph.microsoft.com/v1.0/me/drive/root/content",
    "twice the same part": hosted.replace("/messages/1", "/messages/1/messages/2"),
  };
  for (const [name, address] of Object.entries(notHosted)) {
    test(`hosted content: refuses ${name}`, () => {
      const post = convert(`<p>x<img src="${address}"></p>`);
      expect(post.dropped === null && post.files).toEqual([]);
    });
  }

  test("hosted content of another chat is marked, that of its own chat is not", () => {
    const filesOf = (own: object) => {
      const post = convert(`<img src="${hosted}">`, own);
      return post.dropped === null
        ? post.files.map((file) => file.from === "hostedContent" && file.foreign)
        : [];
    };
    expect(filesOf({ chatId })).toEqual([false]);
    expect(filesOf({ chatId: "19:other@thread.v2" })).toEqual([true]);
    expect(filesOf({ channelIdentity: { teamId: "t1", channelId: "19:ch1@thread.tacv2" } })).toEqual([true]);
  });
});

describe("accidental formatting", () => {
  table({
    "a fence": ["<p>```js</p><p>x</p><p>```</p>", "\\`\\`\\`js\nx\n\\`\\`\\`"],
    "a fence of tildes": ["<p>~~~</p>", "\\~\\~\\~"],
    "a rule": ["<p>***</p><p>___</p><p>---</p><p>- - -</p>", "\\*\\*\\*\n\\_\\_\\_\n\\---\n\\- - -"],
    "an underlined heading": ["<p>a</p><p>--</p>", "a\n\\--"],
    "a table without outer bars": ["<p>a|b</p><p>-|-</p>", "a|b\n-\\|-"],
    "a heading in bold": ["<p><b># x</b></p>", "**# x**"],
    "a quote that goes on": ["<blockquote>a</blockquote><p>&gt; b</p>", "> a\n\n\\> b"],
    "an indented code": ["<p>&nbsp;&nbsp;&nbsp;&nbsp;x</p>", "x"],
    "a box": ["<ul><li>[x] y</ul>", "- \\[x] y"],
    "code that ends its fence": ["<pre>a\n````\n# b</pre>", "`````\na\n````\n# b\n`````"],
    "code with a long fence in one line": ["<code>a```b``c</code>", "````a```b``c````"],
    "a language that ends its line": [
      '<codeblock class="go&#10;# x"><code>y</code></codeblock>',
      "```\ny\n```",
    ],
    "a backslash before a mark": ["<p>a\\<b>b</b></p>", "a\\\\**b**"],
    "a formula": ["<p>$x$ and $5</p>", "&#36;x$ and $5"],
    "an entity": ["<p>&amp;#64;all &amp;amp;</p>", "&amp;#64;all &amp;amp;"],
    "struck text beside tildes": ["<p>~<s>x</s>~</p>", "\\~~~x~~\\~"],
  });
});

describe("broken and hidden markup", () => {
  table({
    "an end without a start": ["</p></b>x</div>", "x"],
    "marks that overlap": ["<p><b>a <i>b</b> c</i></p>", "**a _b_** _c_"],
    "an attribute without an end": ['<p title="x>y</p>', "empty_message"],
    "a tag without an end": ["<p>x</p><b", "x"],
    "a text in a table": ["<table>x<tr><td>y</table>", "x\ny"],
    "a style": ["<style>@all{}</style><p>x</p>", "x"],
    "a page": ["<!doctype html><html><head><title>t</title></head><body onload=x>y</body></html>", "y"],
    "a drawing with a link": ['<p>x<svg><a href="javascript:y"><text>z</text></a></svg></p>', "x"],
    "a template": ["<p>x<template>@all</template></p>", "x"],
    "a frame in a frame": ['<p>x<object data="y">z</object><embed src="y"></p>', "x"],
    CDATA: ["<p>x<![CDATA[ @all ]]></p>", "x"],
    "a marker without an end": ['<p>a</p><attachment id="zz"/><p>b</p>', "a\nb"],
    "an emoji without an end": ['<p><emoji alt="😀"/> a</p><p>b</p>', "😀 a\nb"],
    "half a character": ["<p>a\ud83db</p>", "a\ufffdb"],
    "a system mark with words": ["<systemEventMessage/><p>x</p>", "x"],
    "our own mark in the middle": [
      '<p>x</p><abbr title="generated-from-mattermost"></abbr><p>y</p>',
      "own_message",
    ],
  });
});
