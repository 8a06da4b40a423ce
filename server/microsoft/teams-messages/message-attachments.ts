/**
 * Converts attachments of integrations (title, text, fields). They are written in Markdown, so they become the same
 * tree.
 */

import { type Block, type Inline, parseMarkdown } from "../../platform/markdown/index.ts";
import { asObject, type Json, listAt, textAt } from "./json.ts";

const MAX_ATTACHMENTS = 20;
const MAX_FIELDS = 40;

export function messageAttachments(attachments: unknown): Block[] {
  if (!Array.isArray(attachments)) return [];
  return attachments.slice(0, MAX_ATTACHMENTS).flatMap((one) => {
    const attachment = asObject(one);
    return attachment ? blocksOf(attachment) : [];
  });
}

function blocksOf(attachment: Json): Block[] {
  const markdown = (name: string) => parseMarkdown(textAt(attachment, name));
  const picture = textAt(attachment, "image_url");
  const blocks: Block[] = [
    ...markdown("pretext"),
    ...titled(textAt(attachment, "author_name"), textAt(attachment, "author_link")),
    ...titled(textAt(attachment, "title"), textAt(attachment, "title_link")),
    ...markdown("text"),
    ...listAt(attachment, "fields").slice(0, MAX_FIELDS).flatMap(field),
    ...(picture === "" ? [] : [paragraph({ kind: "image", url: picture, children: [] })]),
    ...titled(textAt(attachment, "footer"), "", "emphasis"),
  ];
  return blocks.length > 0 ? blocks : [...markdown("fallback")];
}

const paragraph = (...children: readonly Inline[]): Block => ({ kind: "paragraph", children });

function titled(text: string, url: string, kind: "strong" | "emphasis" = "strong"): Block[] {
  if (text === "") return [];
  const inner: Inline = { kind: "text", text };
  const linked: Inline = url === "" ? inner : { kind: "link", url, bare: false, children: [inner] };
  return [paragraph({ kind, mark: "*", children: [linked] })];
}

/** `**Status:** Open` */
function field(one: Json): Block[] {
  const [title, value] = [textAt(one, "title"), textAt(one, "value")];
  const [first, ...rest] = parseMarkdown(value);
  const name: Inline[] =
    title === "" ? [] : [{ kind: "strong", mark: "*", children: [{ kind: "text", text: `${title}:` }] }];
  if (first?.kind !== "paragraph")
    return [...(name.length > 0 ? [paragraph(...name)] : []), ...(first ? [first] : []), ...rest];
  const between: Inline[] = name.length > 0 ? [{ kind: "text", text: " " }] : [];
  return [paragraph(...name, ...between, ...first.children), ...rest];
}
