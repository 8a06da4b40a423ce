/** Finds the people whom a text mentions, as the server's mention parser does. */

import { describe } from "bun:test";
import { type Case, check } from "../testing/cases.ts";

const named = (name: string, post: string, over: Partial<Case> = {}): Case => ({
  name,
  post,
  tells: "bob: mention",
  ...over,
});
const notNamed = (name: string, post: string, over: Partial<Case> = {}): Case => ({
  name,
  post,
  tells: "",
  ...over,
});
const keyword = (name: string, keys: string, post: string, over: Partial<Case> = {}): Case => ({
  name,
  post,
  bob: { notify: { mention_keys: keys } },
  tells: "bob: keyword",
  ...over,
});

describe("@username", () => {
  check([
    named("alone", "@bob"),
    named("at the start", "@bob hello"),
    named("at the end", "hello @bob"),
    named("in the middle", "hello @bob, how are you"),
    named("in capitals", "@BOB"),
    named("in mixed case", "hello @Bob"),
    named("before a full stop", "ask @bob."),
    named("before several full stops", "ask @bob..."),
    named("before an exclamation mark", "@bob!"),
    named("before a question mark", "@bob?"),
    named("before a colon", "@bob: look"),
    named("before a semicolon", "@bob; look"),
    named("before a hyphen", "@bob- look"),
    named("before an underscore", "@bob_ look"),
    named("before a dash and a stop", "@bob-."),
    named("in brackets", "(@bob)"),
    named("in square brackets", "[@bob]"),
    named("in curly brackets", "{@bob}"),
    named("in quotation marks", '"@bob"'),
    named("in apostrophes", "'@bob'"),
    named("in bold", "**@bob**"),
    named("in italics with stars", "*@bob*"),
    named("in italics with underscores", "_@bob_"),
    named("struck through", "~~@bob~~"),
    named("with a possessive", "@bob's turn"),
    named("after a slash", "alice/@bob"),
    named("between slashes", "/@bob/"),
    named("after a comma without a space", "carl,@bob"),
    named("after a full stop without a space", "done.@bob look"),
    named("after an ellipsis", "...@bob"),
    named("after a colon", ":@bob"),
    named("after an underscore", "_@bob hi"),
    named("followed by a line break", "@bob\nlook"),
    named("on the second line", "look\n@bob"),
    named("after a tab", "\t look @bob".trim()),
    named("after a no-break space", "look\u00a0@bob"),
    named("after an ideographic space", "見て\u3000@bob"),
    named("before Japanese punctuation", "@bob。"),
    named("before an emoji", "@bob👍"),
    named("before a named emoji", "@bob :+1:"),
    named("between stars and text", "a*@bob*b"),
    named("named twice, notified once", "@bob @bob"),
    named("in a heading", "# @bob"),
    named("in a quote", "> @bob said"),
    named("in a nested quote", "> > @bob"),
    named("in a list", "- @bob"),
    named("in a numbered list", "1. @bob"),
    named("in a task list", "- [ ] @bob"),
    named("in a table", "| who |\n|---|\n| @bob |"),
    named("in the text of a link", "[@bob](https://example.com)"),
    named("in an image's description", "![@bob](https://example.com/x.png)"),
    named("after escaped punctuation", "\\*@bob"),
    named("in an HTML tag, which is text", "<b>@bob</b>"),
    named("after a bare link", "https://example.com @bob"),
    named("across an escaped underscore", "\\_@bob\\_"),
    named("with a character reference before it", "&amp;@bob"),
    notNamed("a longer name", "@bobby"),
    notNamed("a shorter name", "@bo"),
    notNamed("without the @", "bob"),
    notNamed("with a space after the @", "@ bob"),
    notNamed("two @", "@@bob"),
    notNamed("in an e-mail address", "mail bob@example.com"),
    notNamed("as the host of an e-mail address", "mail x@bob.com"),
    notNamed("as the start of a dotted name", "@bob.smith"),
    notNamed("as the start of a hyphenated name", "@bob-smith"),
    notNamed("with letters before it", "hello@bob"),
    notNamed("with a combining letter after it", "@bobé"),
    notNamed("between colons", ":@bob:"),
  ]);
});

describe("code and links do not mention", () => {
  check([
    notNamed("inline code", "run `@bob`"),
    notNamed("inline code with two ticks", "run ``@bob``"),
    notNamed("inline code over two lines", "run `a\n@bob`"),
    notNamed("a fenced block", "```\n@bob\n```"),
    notNamed("a fenced block with a language", "```go\n@bob\n```"),
    notNamed("a fenced block with tildes", "~~~\n@bob\n~~~"),
    notNamed("a fenced block that never ends", "```\n@bob"),
    notNamed("a fenced block in a quote", "> ```\n> @bob\n> ```"),
    notNamed("a fenced block in a list", "- x\n  ```\n  @bob\n  ```"),
    notNamed("an indented block", "    @bob"),
    notNamed("a tab-indented block", "x\n\n\t@bob"),
    notNamed("the address of a link", "[x](https://example.com/@bob)"),
    notNamed("the title of a link", '[x](https://example.com "@bob")'),
    notNamed("a bare link", "https://example.com/@bob"),
    notNamed("a bare www link", "www.example.com/@bob"),
    notNamed("a reference definition", "[x]: https://example.com/@bob\n\n[x]"),
    named("after inline code", "`x` @bob"),
    named("after a block", "```\nx\n```\n@bob"),
    named("a single tick is not code", "it` @bob"),
    named("unequal ticks are not code", "``@bob`"),
    named("four spaces inside a paragraph", "x\n    @bob"),
    named("an escaped tick", "\\`@bob`"),
    named("brackets without an address", "[@bob] (x)"),
    named("a fence needs three", "``\n@bob"),
    notNamed("two ticks over three lines are a span", "``\n@bob\n``"),
    named("ticks in the info string make it a span", "``` x` @bob"),
  ]);
});

describe("unusual user names", () => {
  const user = (username: string) => ({ bob: { username } });
  check([
    named("with a dot", "@bob.smith", user("bob.smith")),
    named("with a dot, at the end of a sentence", "@bob.smith.", user("bob.smith")),
    named("with a hyphen", "hi @bob-smith!", user("bob-smith")),
    named("with an underscore", "hi @bob_smith", user("bob_smith")),
    named("ending in a dot", "hi @bob.", user("bob.")),
    named("ending in a hyphen", "hi @bob- x", user("bob-")),
    named("digits only", "hi @007", user("007")),
    named("starting with a digit", "hi @3bob", user("3bob")),
    named("with a dot, in capitals", "@BOB.SMITH", user("bob.smith")),
    {
      name: "the longer of two names wins",
      post: "@bob.smith",
      others: { smith: { username: "bob.smith" } },
      tells: "smith: mention",
    },
    {
      name: "a dot, then another name",
      post: "@bob.@carol",
      tells: "",
    },
    {
      name: "two names with a comma",
      post: "@bob,@carol",
      tells: "bob: mention, carol: mention",
    },
    named("a name with a dot, said before another word", "bob.@bob-", {}),
  ]);
});

describe("keywords and first name", () => {
  check([
    keyword("a word", "deploy", "time to deploy"),
    keyword("in capitals", "deploy", "DEPLOY now"),
    keyword("a keyword in capitals", "DEPLOY", "deploy"),
    keyword("one of several", "build,deploy, release", "deploy"),
    keyword("with blanks around it", " deploy ", "deploy!"),
    keyword("before punctuation", "deploy", "deploy."),
    keyword("one end of a hyphenated word", "deploy", "pre-deploy"),
    keyword("after a full stop without a space", "deploy", "done.deploy"),
    keyword("with a hyphen", "on-call", "who is on-call?"),
    {
      name: "a keyword at the end of a longer one is not found in it",
      post: "pre-deploy",
      bob: { notify: { mention_keys: "pre-deploy" } },
      carol: { notify: { mention_keys: "deploy" } },
      tells: "bob: keyword",
    },
    keyword("in a link's text", "deploy", "[deploy](https://x.com)"),
    keyword("as a number", "42", "the answer is 42"),
    keyword("the name without @ is a keyword like the name", "bob", "hello bob", { tells: "bob: mention" }),
    keyword("another @word", "@team", "hi @team"),
    keyword("Japanese, inside a longer run of letters", "会議", "明日の会議です"),
    keyword("Chinese, inside a longer run of letters", "部署", "请部署到生产"),
    keyword("Cyrillic, as a word", "релиз", "Завтра РЕЛИЗ"),
    keyword("with an umlaut", "größe", "die Größe zählt"),
    keyword("part of a word", "deploy", "deployment", { tells: "" }),
    keyword("in code", "deploy", "`deploy`", { tells: "" }),
    keyword("as an emoji", "deploy", ":deploy:", { tells: "" }),
    keyword("in a link's address", "deploy", "https://example.com/deploy", { tells: "" }),
    keyword("of two words never matches", "time to", "time to go", { tells: "" }),
    keyword("an empty keyword", ",,", "hello , there", { tells: "" }),
    keyword("of somebody who is not in the channel", "deploy", "deploy", {
      bob: { notify: { mention_keys: "deploy" }, channel: null },
      tells: "",
    }),
    {
      name: "first name, in the same case",
      post: "hello Robert",
      bob: { firstName: "Robert", notify: { first_name: "true" } },
      tells: "bob: keyword",
    },
    {
      name: "first name in another case",
      post: "hello robert",
      bob: { firstName: "Robert", notify: { first_name: "true" } },
      tells: "",
    },
    {
      name: "first name, switched off",
      post: "hello Robert",
      bob: { firstName: "Robert" },
      tells: "",
    },
    {
      name: "mentioned by name and by keyword: the name wins",
      post: "@bob deploy",
      bob: { notify: { mention_keys: "deploy" } },
      tells: "bob: mention",
    },
  ]);
});

describe("attachments", () => {
  const attached = (attachment: object): Case["post"] => ({
    Message: "",
    Props: { attachments: [attachment], from_webhook: "true" },
  });
  check([
    { name: "in the text", post: attached({ text: "@bob" }), tells: "bob: mention" },
    { name: "in the text before", post: attached({ pretext: "@bob" }), tells: "bob: mention" },
    {
      name: "in a field",
      post: attached({ fields: [{ title: "x", value: "@bob" }] }),
      tells: "bob: mention",
    },
    { name: "in a field's title", post: attached({ fields: [{ title: "@bob", value: "x" }] }), tells: "" },
    { name: "in the title", post: attached({ title: "@bob" }), tells: "" },
    { name: "in the fallback", post: attached({ fallback: "@bob" }), tells: "" },
    { name: "in code", post: attached({ text: "`@bob`" }), tells: "" },
    { name: "a field that is a number", post: attached({ fields: [{ value: 7 }] }), tells: "" },
    {
      name: "as Go structs, from a plugin on the server",
      post: attached({ $type: "*model.MessageAttachment", value: { Text: "@bob" } }),
      tells: "bob: mention",
    },
  ]);
});
