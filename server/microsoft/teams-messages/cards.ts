/** Converts cards of the Bot Framework and of connectors (docs/facts/microsoft-chat.md 5.2). */

import type { Say } from "../../platform/i18n/index.ts";
import { facts } from "./adaptive-card.ts";
import { isSecure, webAddress } from "./addresses.ts";
import { actionLines, type Button } from "./card-actions.ts";
import { cardText } from "./card-text.ts";
import { type Block, inOneLine, linkMark, paragraph, type Span, span, textSpan } from "./document.ts";
import { type Json, listAt, objectAt, textAt } from "./json.ts";
import type { MessageWord } from "./words.ts";

/** Parses HTML; null when the text contains none. */
export type ReadCardHtml = (text: string) => readonly Block[] | null;

const MAX_PARTS = 100;

const bold = (text: string): Block[] => (text === "" ? [] : [paragraph(textSpan(text, "bold"))]);

/** Hero, thumbnail, receipt and sign-in cards: a title, two texts, pictures, buttons. */
export function titledCard(card: Json, read: ReadCardHtml, say: Say<MessageWord>): Block[] {
  const text = (name: string) => textOrHtml(textAt(card, name), read);
  const images = listAt(card, "images")
    .slice(0, MAX_PARTS)
    .flatMap((one) => image(textAt(one, "url"), textAt(one, "alt")));
  const receipt = [
    ...facts(listAt(card, "facts"), "title").map(withKey(listAt(card, "facts"))),
    ...listAt(card, "items")
      .slice(0, MAX_PARTS)
      .map((item) => titled(textAt(item, "title"), textAt(item, "price"))),
  ];
  const total = textAt(card, "total");
  const buttons = listAt(card, "buttons")
    .slice(0, MAX_PARTS)
    .flatMap((one): Button[] => {
      const title = textAt(one, "title");
      const opens = /^(openUrl|signin|call|playVideo|playAudio|showImage|downloadFile)$/i.test(
        textAt(one, "type"),
      );
      return title === "" ? [] : [{ title, link: opens ? textAt(one, "value") : null }];
    });
  return [
    ...bold(textAt(card, "title")),
    ...text("subtitle"),
    ...text("text"),
    ...receipt,
    ...(total === "" ? [] : bold(total)),
    ...images,
    ...actionLines(buttons, say),
  ];
}

/** The facts of a receipt have a `key` instead of a title. */
const withKey = (list: readonly Json[]) => (block: Block, at: number) => {
  const key = textAt(list[at] ?? null, "key");
  if (key === "" || block.kind !== "paragraph") return block;
  return paragraph(textSpan(`${key.replace(/:$/, "")}:`, "bold"), textSpan(" "), ...block.spans);
};

const titled = (title: string, text: string): Block =>
  paragraph(textSpan(title, "bold"), ...(text === "" ? [] : [textSpan(` — ${text}`)]));

function image(address: string, alt: string): Block[] {
  const url = webAddress(address);
  return url !== null && isSecure(url) ? [paragraph(span({ kind: "image", url, alt }))] : [];
}

const textOrHtml = (text: string, read: ReadCardHtml): readonly Block[] => read(text) ?? cardText(text);

/** A connector card: title, text, sections with facts, links. */
export function connectorCard(card: Json, read: ReadCardHtml, say: Say<MessageWord>): Block[] {
  const buttons = connectorButtons(card);
  const sections = listAt(card, "sections")
    .slice(0, MAX_PARTS)
    .flatMap((section) => {
      buttons.push(...connectorButtons(section));
      return [
        ...bold(textAt(section, "title")),
        ...bold(textAt(section, "activityTitle")),
        ...textOrHtml(textAt(section, "activitySubtitle"), read),
        ...textOrHtml(textAt(section, "activityText"), read),
        ...textOrHtml(textAt(section, "text"), read),
        ...facts(listAt(section, "facts"), "name"),
      ];
    });
  const title = textAt(card, "title") || (textAt(card, "text") === "" ? textAt(card, "summary") : "");
  return [
    ...bold(title),
    ...textOrHtml(textAt(card, "text"), read),
    ...sections,
    ...actionLines(buttons, say),
  ];
}

function connectorButtons(from: Json): Button[] {
  return listAt(from, "potentialAction")
    .slice(0, MAX_PARTS)
    .flatMap((action): Button[] => {
      const targets = listAt(action, "targets");
      const target = targets.find((one) => textAt(one, "os") === "default") ?? targets[0] ?? null;
      const [view] = Array.isArray(action.target) ? action.target : [];
      const uri = textAt(target, "uri") || (typeof view === "string" ? view : "");
      const title = textAt(action, "name");
      const opens = /^(OpenUri|ViewAction)$/.test(textAt(action, "@type"));
      return title === "" ? [] : [{ title, link: opens ? uri : null }];
    });
}

/** A list card: its title, then a line for each item. */
export function listCard(card: Json, say: Say<MessageWord>): Block[] {
  const lines = listAt(card, "items")
    .slice(0, MAX_PARTS)
    .map((item): readonly Span[] => {
      const address = webAddress(textAt(objectAt(item, "tap"), "value"));
      const subtitle = textAt(item, "subtitle");
      const title = textAt(item, "title") || textAt(item, "id");
      return [
        span({ kind: "markdown", text: "- " }),
        textSpan(title, "bold", ...(address === null ? [] : [linkMark(address)])),
        ...(subtitle === "" ? [] : inOneLine([paragraph(textSpan(` — ${subtitle}`))])),
      ];
    });
  const buttons = listAt(card, "buttons").map((one) => ({
    title: textAt(one, "title"),
    link: /^openUrl$/i.test(textAt(one, "type")) ? textAt(one, "value") : null,
  }));
  return [
    ...bold(textAt(card, "title")),
    ...lines.map((spans) => paragraph(...spans)),
    ...actionLines(buttons, say),
  ];
}
