// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pieces of source, as texts
/**
 * Checks of the conversion between the HTML of Teams and Markdown. The cases that must fail are written down: a
 * mutation that only the random texts of the property tests notice would survive now and then.
 */

import { inRoom, type Mutation } from "./mutation.ts";

const teams = "server/microsoft/teams-messages";
const tests = (...names: string[]) => names.map((name) => `${teams}/${name}.test.ts`).join(" ");
const hostile = tests("hostile", "hostile-cards", "hostile-places", "golden-teams");
const cards = tests("hostile-cards", "hostile-places", "golden-teams");
const posts = tests("golden-mattermost", "hostile-posts");

/** The text of a stranger must not mention, link, format or show an emoji in a post. */
const escapes: readonly Mutation[] = [
  ...inRoom(`${teams}/escape.ts`, hostile, [
    ["return /[\\w.-]/.test(after) && !WORD.test(before) ? `@${ZERO_WIDTH}` : null;", "return null;"],
    ["return /^\\p{L}/u.test(text.slice(at + 1, at + 3)) ? `#${ZERO_WIDTH}` : null;", "return null;"],
    ["return /[A-Za-z0-9]/.test(after) ? `~${ZERO_WIDTH}` : null;", "return null;"],
    ["return isOddAutolink(text.slice(at, at + 300)) ? `<${ZERO_WIDTH}` : null;", "return null;"],
    ["return scheme !== undefined && !/^(?:https?|mailto|tel)$/i.test(scheme);", "return false;"],
    ["return startsEmoji(text, at, place) ? `:${ZERO_WIDTH}` : null;", "return null;"],
    ["const WORD = /^[A-Za-z0-9]$/;", "const WORD = /^\\w$/;"],
    ['text[at] === "<" && at >= open', "false"],
    ["isEmoji(name.toLowerCase())", "isEmoji(name)"],
    ['return place.cell ? "\\\\|" : null;', "return null;"],
    ['return inLink ? "\\\\]" : null;', "return null;"],
    ['slice(at, at + 40)) ? "&amp;" : null;', "slice(at, at + 40)) ? null : null;"],
    ["(?<=^|[\\\\s(*_~])", ""],
    ["if (match.index > 0 || lineStart) kept.set", "kept.set"],
    ["place.alt || glyphs[start]?.inLink ?", "place.alt ?"],
    ["place.alt || glyphs[start]?.inLink ?", "glyphs[start]?.inLink ?"],
    ["if (place.lineStart) lineStart(glyphs, outs);", ""],
    ['text.startsWith(">") || ', ""],
    ["if (number?.[1]) mark(number[1].length);", ""],
    ['else if (/^[-:| ]+$/.test(text) && text.includes("-")) mark(text.indexOf("|"));', ""],
    ["if (/^=[= ]*$/.test(text)) outs[0] = `${ZERO_WIDTH}=`;", ""],
    ["  strikes(glyphs, outs);\n", ""],
    ["formulas(glyphs, outs, fixed);", ""],
    ['outs[at] = "\\\\\\\\";', ""],
    [" || /^&.+;/.test(next))", ")"],
    ["test(text) ? `${text}\\\\` : text);", "test(text) ? text : text);"],
  ]),
  ...inRoom(`${teams}/print-line.ts`, hostile, [
    ['return text.toWellFormed().replace(UNSHOWN, "");', "return text.toWellFormed();"],
    ["leaf.live && linkOf(marks) === null", "linkOf(marks) === null"],
    ["leaf.live && linkOf(marks) === null", "leaf.live"],
    ['`".repeat(longest + 1)', '`".repeat(1)'],
    ['if (place.cell && leaf.text.includes("|")) return textPieces(leaf.text, marks);', ""],
    ['.replaceAll("[", "(").replaceAll("]", ")")', ""],
    ["if (isSecure(leaf.url)) {", "if (true) {"],
    ['cell ? address.replaceAll("|", "%7C") : address', "address"],
    ['(last.ends || (last.kind === "text" && LETTER.test(last.out)))', "false"],
    ['if (pieces[next]?.kind === "text" && LETTER.test(pieces[next]?.out ?? "")) blank([]);', ""],
    ["next < at + 66 && ", "false && "],
    ["`![${withoutOpenEnd(text)}](", "`![${text}]("],
    ['if (made.at(-1) === "!") made[made.length - 1] = "\\\\!";', ""],
    ["const bare = webAddress(text) === address || ", "const bare = true || "],
    ["bare !== null && isLinked(bare) ? bare : null", "bare"],
    ["return first !== undefined && others(before) !== others(first);", "return true;"],
    ["else if (endsInAddress(pieces, at)) blank([]);", ""],
    ["if (!next || !/^[\\p{L}\\p{N}]/u.test(next.out)) return false;", "if (!next) return false;"],
    ['last.out.endsWith("`"))\n', "false)\n"],
  ]),
  ...inRoom(`${teams}/print-markdown.ts`, hostile, [
    ["Math.max(2, ...(text.match(/`{3,}/g) ?? []).map(({ length }) => length))", "2"],
    ['.replace(/(^| )(#+)$/, "$1\\\\$2")', ""],
    [
      'if (before === block.kind && (before === "quote" || before === "list")) lines.push(ZERO_WIDTH, "");',
      "",
    ],
    ['else if (one.marks.some((mark) => mark.startsWith("link ")))', "else if (false)"],
  ]),
  ...inRoom(`${teams}/code.ts`, hostile, [
    ['/^[a-z0-9+#.-]{1,32}$/i.test(word) ? word.toLowerCase() : ""', "word"],
    ['.replace(/(?![\\t\\n])[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069\\ufeff]/gu, "")', ""],
  ]),
];

/** Links and pictures keep only safe addresses, and no address of a message is requested without a check. */
const addresses: readonly Mutation[] = [
  ...inRoom(`${teams}/addresses.ts`, hostile, [
    ["|| !SCHEMES.test(trimmed) ", ""],
    ["trimmed.length > MAX_ADDRESS || ", ""],
    [" || !URL.canParse(trimmed)) return null;", ") return null;"],
    [".replace(UNSAFE, encoded)", ""],
    ['text.replace(/[\\t\\n\\r]/g, "")', "text"],
    ["!graphHosts.includes(url.host.toLowerCase()) || ", ""],
    ["graphHosts.includes(url.host.toLowerCase())", "graphHosts.some((host) => url.host.startsWith(host))"],
    ["graphHosts.includes(url.host.toLowerCase())", "graphHosts.includes(url.hostname.toLowerCase())"],
    [' || url.username !== ""', ""],
    ["|| /^\\.+$/.test(id)", ""],
    ["!ID.test(id) || ", ""],
    [" || named.has(name)) return null;", ") return null;"],
    ["const foreign = known && !same;", "const foreign = false;"],
    ["ids.chatId ? ids.chatId === own.chatId :", "ids.chatId ? true :"],
    [": ids.channelId === own.channelId;", ": true;"],
    ["return /(^|\\.)(asm", "return false && /(^|\\.)(asm"],
  ]),
  ...inRoom(`${teams}/read-html.ts`, hostile, [
    ["if (isUnseen(element)) return;", ""],
    [
      '=== null ? webAddress(attribute(element, "href")) : null;',
      '=== null ? attribute(element, "href") : null;',
    ],
    [
      "const url = this.references.taken(address) ? null : webAddress(address);",
      "const url = this.references.taken(address) ? null : address;",
    ],
    [
      "const link = this.references.taken(address) ? null : webAddress(address);",
      "const link = this.references.taken(address) ? null : address;",
    ],
    ["const known = /^[a-z0-9_+-]{1,64}$/.test(name);", "const known = true;"],
    [" && around.quotes === 0)", ")"],
    [" || /^\\s*data:/i.test(address)", ""],
  ]),
];

/** The people whom a message mentions, and the texts of cards and quoted messages inside it. */
const inside: readonly Mutation[] = [
  ...inRoom(`${teams}/mentions.ts`, hostile, [
    ["username !== null && /^[a-z0-9._-]{1,64}$/i.test(username)", "username !== null"],
    ['conversation.id === channel.channelId ? "channel" : null', '"channel"'],
    ['conversation.id === channel.teamId ? "channel" : null', '"channel"'],
    [
      "if (channel === null || !conversation) return null;",
      'if (!conversation) return null;\n  channel ??= { teamId: "", channelId: "" };',
    ],
    ['name.replace(/^@+/, "")', "name"],
  ]),
  ...inRoom(`${teams}/to-markdown.ts`, hostile, [
    [
      "return found && !inside ? this.#attachment(found) : [];",
      "return found ? this.#attachment(found) : [];",
    ],
    ["const found = inside\n          ? undefined\n          : present", "const found = present"],
    [
      "quoted: (messageId) => !inside && this.#known(messageId),",
      "quoted: (messageId) => this.#known(messageId),",
    ],
    ["    this.#depth += 1;\n", ""],
    ["const blocked = /blockAccess/.test", "const blocked = false && /blockAccess/.test"],
    ['if (message.deletedDateTime) return { dropped: "deleted" };', ""],
    ['if (body?.ours) return { dropped: "own_message" };', ""],
  ]),
  ...inRoom(`${teams}/attachments.ts`, hostile, [
    ['(shown(path).split(/[\\\\/]/).at(-1) ?? "")', "shown(path)"],
    ["(shown(path).split", "(path.split"],
    ['/^\\.*$/.test(name) ? "" : ', ""],

    ["const url = webAddress(joinAddress);", "const url = joinAddress;"],
    ["  const url = webAddress(address);\n  if (url === null) return null;", "  const url = address;"],
  ]),
  ...inRoom(`${teams}/cards.ts`, cards, [
    ["url !== null && isSecure(url) ?", "url !== null ?"],
    [
      'const address = webAddress(textAt(objectAt(item, "tap"), "value"));',
      'const address = textAt(objectAt(item, "tap"), "value") || null;',
    ],
  ]),
  ...inRoom(`${teams}/card-actions.ts`, cards, [['webAddress(link ?? "")', "link"]]),
  ...inRoom(`${teams}/card-text.ts`, cards, [
    ["linkOf(marks) === null ? webAddress(inline.url) : null", "linkOf(marks) === null ? inline.url : null"],
  ]),
  ...inRoom(`${teams}/adaptive-card.ts`, cards, [
    [
      'webAddress(textAt(asObject(run.selectAction), "url"))',
      'textAt(asObject(run.selectAction), "url") || null',
    ],
    ["element.isVisible === false", "false"],
    ['action?.type === "Action.OpenUrl" ? textAt(action, "url") : null', 'textAt(action, "url")'],
    ['const url = webAddress(textAt(source ?? null, "url"));', 'const url = textAt(source ?? null, "url");'],
  ]),
];

/** The text of a member must not become HTML, a foreign link or a mention of everybody in Teams. */
const back: readonly Mutation[] = [
  ...inRoom(`${teams}/print-html.ts`, posts, [
    ['.replaceAll("<", "&lt;")', ""],
    ['.replaceAll(">", "&gt;")', ""],
    ['text.replaceAll("&", "&amp;")', "text"],
    ['escapeText(text).replaceAll(\'"\', "&quot;")', "escapeText(text)"],
    [
      'escapeText(line.replaceAll("\\t", "\\u00a0\\u00a0\\u00a0\\u00a0"))',
      'line.replaceAll("\\t", "\\u00a0\\u00a0\\u00a0\\u00a0")',
    ],
    [">${escapeText(mentionText)}</at>", ">${mentionText}</at>"],
    ["escapeText(`~${piece.found}`)", "`~${piece.found}`"],
    ['alt="${escapeAttribute(alt)}"', 'alt="${alt}"'],
    ['<img src="${escapeAttribute(address)}"', '<img src="${address}"'],
    ['<a href="${escapeAttribute(address)}">', '<a href="${address}">'],
    ["return /^(?:https?:\\/\\/[^/?#\\\\]|mailto:.|tel:.)/i.test(url) ? url : null;", "return url;"],
    ["if (/^\\/(?![/\\\\])/.test(url))", 'if (url.startsWith("/"))'],
    ["if (escapeAttribute(url).length > MAX_ADDRESS) return null;", ""],
    ["/^https:/i.test(address) && !own", "/^https:/i.test(address)"],
    ["/^https:/i.test(address) && !own", "!own"],
    ["return inLink ? text : anchor(address, text);", "return anchor(address, text);"],
    ['escapeText(text.replaceAll(ZERO_WIDTH, ""))', "escapeText(text)"],
    ["return inLink ? shownText(inline.text) : this.#text(inline.text);", "return this.#text(inline.text);"],
  ]),
  ...inRoom(`${teams}/to-teams.ts`, posts, [
    ["post.mentionHighlightDisabled ? null : options.everybody", "options.everybody"],
    ['if (post.type?.startsWith("system_")) return { dropped: "system_post" };', ""],
    ["<strong>${escapeText(options.author)}</strong>", "<strong>${options.author}</strong>"],
  ]),
];

export const conversionMutations = [...escapes, ...addresses, ...inside, ...back];
