/** A stranger's text beside links, names, backslashes and code, and what a card or a message inside may not do. */

import { describe, expect, test } from "bun:test";
import { toMarkdown } from "./index.ts";
import { adaptive, card, convert, from, hosted, markdownOf } from "./testing/strangers-message.ts";
import { options } from "./testing/teams-world.ts";

const Z = "\u200b";
const alex = { id: 0, mentionText: "Alex", mentioned: { user: { id: "u-alex", displayName: "Alex" } } };
const named = { mentions: [alex] };

/** A stranger's content → the whole post. */
const table = (cases: Readonly<Record<string, readonly [html: string, markdown: string, rest?: object]>>) => {
  for (const [name, [html, markdown, rest]] of Object.entries(cases)) {
    test(name, () => expect(markdownOf(html, rest)).toBe(markdown));
  }
};

describe("a name in an address that the server does not link", () => {
  table({
    "right behind a link": [
      '<p><a href="https://y.example">t</a>https://x.example/@all</p>',
      `[t](https://y.example)https://x.example/@${Z}all`,
    ],
    "in the text of a link": [
      '<a href="https://y.example">see https://x.example/@all</a>',
      `[see https://x.example/@${Z}all](https://y.example)`,
    ],
    "in the description of a picture": [
      '<img src="https://x.example/i" alt="https://x.example/@all">',
      `![https://x.example/@${Z}all](https://x.example/i)`,
    ],
  });
});

describe("a mention names one person", () => {
  table({
    "and letters behind it are not part of the name": [
      '<p><at id="0">Alex</at>son and <at id="0">Alex</at>.son</p>',
      "@alex son and @alex .son",
      named,
    ],
    "and letters before it are not, either": ['<p>x<at id="0">Alex</at></p>', "x @alex", named],
    "control: a full stop may follow": ['<p><at id="0">Alex</at>.</p>', "@alex.", named],
    "and not inside a link": [
      '<a href="https://x.example"><at id="0">Alex</at></a>',
      `[@${Z}alex](https://x.example)`,
      named,
    ],
    "and not in a message that is forwarded": [
      '<attachment id="a"></attachment>',
      `> **Forwarded message**\n> @${Z}Alex says`,
      {
        ...named,
        attachments: [
          {
            id: "a",
            contentType: "forwardedMessageReference",
            content: JSON.stringify({ originalMessageContent: '<at id="0">Alex</at> says' }),
          },
        ],
      },
    ],
  });

  const ofTeam = (id: string) => ({
    mentions: [
      { id: 0, mentioned: { conversation: { id, displayName: "T", conversationIdentityType: "team" } } },
    ],
  });
  test("a team that is not the linked channel's mentions nobody", () => {
    expect(markdownOf('<at id="0">T</at>', ofTeam("t2"))).toBe(`@${Z}T`);
    expect(markdownOf('<at id="0">T</at>', ofTeam("t1"))).toBe("@channel");
  });
});

describe("backslashes, entities and marks", () => {
  table({
    "a backslash before a formula": ["<p>\\$x$</p>", "\\\\&#36;x$"],
    "a backslash at the end of a line": ["<p>a\\</p><p>b</p>", "a\\\\\nb"],
    "a backslash at the end of a description": [
      '<img src="https://x.example/i" alt="a\\">',
      "![a\\\\](https://x.example/i)",
    ],
    "an entity that was escaped": ["<p>&amp;lt;b&amp;gt;</p>", "&amp;lt;b&amp;gt;"],
    "an autolink with a script": ["<p>&lt;javascript:alert(1)&gt;</p>", `<${Z}javascript:alert(1)>`],
    "a number that starts a list": ["<p>1. x</p><p>1) y</p>", "1\\. x\n1\\) y"],
    "a line under a heading": ["<p>a</p><p>=</p>", `a\n${Z}=`],
    "signs that close a heading": ["<h2>x ##</h2>", "## x \\##"],
    "two quotes stay two": ["<blockquote>a</blockquote><blockquote>b</blockquote>", `> a\n\n${Z}\n\n> b`],
    "a link stays in one line": ['<a href="https://x.example">a<br>b</a>', "[a b](https://x.example)"],
    "a direction mark in code": ["<pre>a\u202eb\u0007c</pre>", "```\nabc\n```"],
    "a bar in code and in an address of a table": [
      '<table><tr><td><a href="https://x.example/a|b">t</a><td><code>a|b</code><tr><td>c<td>d</table>',
      "| [t](https://x.example/a%7Cb) | a\\|b |\n| --- | --- |\n| c | d |",
    ],
  });
});

describe("addresses", () => {
  table({
    "a host that is none": ['<a href="https://[">t</a>', "t"],
    "a port that is none": ['<a href="https://x.example:99999/">t</a>', "t"],
    "a text that shows another address": [
      '<a href="https://evil.example">https://good.example</a>',
      "[https://good.example](https://evil.example)",
    ],
    "a picture without encryption becomes a link": [
      '<img src="http://x.example/i" alt="@all">',
      `[@${Z}all](http://x.example/i)`,
    ],
    "a clip with a script": ['<p>x<video src="javascript:y"></video></p>', "x"],
    "a sound in its own address": ['<p>x<audio><source src="data:audio/x,1"></audio></p>', "x"],
    "a picture in its own address, in capitals": [
      '<img src="DATA:image/png;base64,AAAA">',
      "_Unsupported attachment: image_",
    ],
    "an emoji whose name is Markdown": [
      '<customemoji alt=":x: @all [a](https://b.example)"></customemoji>',
      `:${Z}x: @${Z}all \\[a](https://b.example)`,
    ],
  });

  const notHosted: Readonly<Record<string, string>> = {
    "a name before the right host": hosted.replace("https://", "https://ana@"),
    "an id with a blank": hosted.replace("aQ==", "a%20Q"),
    "an id of dots": hosted.replace("aQ==", "..."),
  };
  for (const [name, address] of Object.entries(notHosted))
    test(`hosted content: refuses ${name}`, () => {
      const post = convert(`<p>x<img src="${address}"></p>`);
      expect(post.dropped === null && post.files).toEqual([]);
    });

  test("hosted content of another channel is marked", () => {
    const inChannel = hosted.replace(/chats\/[^/]+/, "teams/t1/channels/19:ch2@thread.tacv2");
    const filesOf = (channelId: string) => {
      const post = convert(`<img src="${inChannel}">`, { channelIdentity: { teamId: "t1", channelId } });
      return post.dropped === null && post.files.map((file) => file.from === "hostedContent" && file.foreign);
    };
    expect(filesOf("19:ch1@thread.tacv2")).toEqual([true]);
    expect(filesOf("19:ch2@thread.tacv2")).toEqual([false]);
  });
});

describe("a card or a message inside", () => {
  const script = "javascript:alert(1)";
  const cards = "application/vnd.microsoft.card";
  const teamsCards = "application/vnd.microsoft.teams.card";
  const posts: Readonly<Record<string, readonly [post: string, expected: string]>> = {
    "a button with a script": [
      card(`${cards}.hero`, { title: "t", buttons: [{ type: "openUrl", title: "Go", value: script }] }),
      "**t**\n\nGo",
    ],
    "a picture without encryption": [
      card(`${cards}.hero`, { title: "t", images: [{ url: "http://x.example/i.png", alt: "a" }] }),
      "**t**",
    ],
    "a text with a script": [card(`${cards}.hero`, { title: "t", text: `[x](${script})` }), "**t**\nx"],
    "an item with a script": [
      card(`${teamsCards}.list`, { title: "t", items: [{ title: "i", tap: { value: script } }] }),
      "**t**\n- **i**",
    ],
    "a run of text with a script": [
      adaptive([{ type: "RichTextBlock", inlines: [{ text: "r", selectAction: { url: script } }] }]),
      "r",
    ],
    "a clip with a script": [adaptive([{ type: "Media", altText: "m", sources: [{ url: script }] }]), "m"],
    "a text that the card hides": [
      adaptive([
        { type: "TextBlock", text: "hidden", isVisible: false },
        { type: "TextBlock", text: "shown" },
      ]),
      "shown",
    ],
    "an action that opens nothing": [
      adaptive([{ type: "TextBlock", text: "t" }], {
        actions: [{ type: "Action.Submit", title: "S", url: "https://x.example" }],
      }),
      "t\n\n_Open in Teams to answer: S_",
    ],
    "code beside the code of a link that is none": [
      adaptive([{ type: "TextBlock", text: `\`a\`[\`b\`](${script})` }]),
      `\`a\`${Z}\`b\``,
    ],
    "a meeting with a script": [
      card("meetingReference", { meetingJoinUrl: script }, { name: "M" }),
      "📅 **M**",
    ],
    "a tab with a script": [
      card("tabReference", "", { name: "T", contentUrl: script }),
      "_Unsupported attachment: T_",
    ],
    "a file that is a picture without encryption": [
      card("image/png", "", { name: "p.png", contentUrl: "http://x.example/p.png" }),
      "[p.png](http://x.example/p.png)",
    ],
  };
  for (const [name, [post, expected]] of Object.entries(posts)) test(name, () => expect(post).toBe(expected));

  test("a forwarded message is no reply here, even if it quotes a message of ours", () => {
    const quote =
      '<blockquote itemtype="http://schema.skype.com/Reply" itemid="7"><p itemprop="preview">x</p></blockquote>y';
    const content = JSON.stringify({ originalMessageContent: quote });
    const attachments = [{ id: "a", contentType: "forwardedMessageReference", content }];
    const known = options({ known: { "7": "root" } });
    const read = (html: string, rest = {}) => toMarkdown({ from, body: { content: html }, ...rest }, known);
    expect(read('<attachment id="a"></attachment>', { attachments })).toMatchObject({
      rootId: null,
      markdown: "> **Forwarded message**\n>\n> > x\n>\n> y",
    });
    expect(read(quote)).toMatchObject({ rootId: "root", markdown: "y" });
  });

  test("a forwarded message cannot refer to attachments of the message around it", () => {
    const attachments = [
      {
        id: "a",
        contentType: "forwardedMessageReference",
        content: JSON.stringify({ originalMessageContent: '<attachment id="c"></attachment>theirs' }),
      },
      {
        id: "c",
        contentType: `${cards}.adaptive`,
        content: JSON.stringify({ body: [{ type: "TextBlock", text: "ours" }] }),
      },
    ];
    expect(markdownOf('<attachment id="a"></attachment>', { attachments })).toBe(
      "> **Forwarded message**\n> theirs\n\nours",
    );
  });
});
