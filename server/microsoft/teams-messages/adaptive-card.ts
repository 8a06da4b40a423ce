/**
 * Converts an adaptive card to text: texts, facts, labels of inputs, pictures and links. Buttons that need Teams are
 * named.
 */

import type { Say } from "../../platform/i18n/index.ts";
import { isSecure, webAddress } from "./addresses.ts";
import { actionLines, type Button } from "./card-actions.ts";
import { type CardMentions, cardText } from "./card-text.ts";
import { type Block, type Mark, paragraph, type Span, span, textSpan } from "./document.ts";
import { asObject, type Json, listAt, textAt } from "./json.ts";
import type { MessageWord } from "./words.ts";

const MAX_ELEMENTS = 10_000;

/** Returns no blocks when the card contains nothing that we can read. */
export function adaptiveCard(card: Json, mentions: CardMentions, say: Say<MessageWord>): Block[] {
  const reader = new CardReader(mentions);
  reader.elements(card.body);
  reader.actions(card.actions);
  const { blocks } = reader;
  if (blocks.length === 0) blocks.push(...cardText(textAt(card, "fallbackText")));
  return [...blocks, ...actionLines(reader.buttons, say)];
}

/** Members that contain further elements, in the order in which a card shows them. */
const CONTAINERS = ["items", "columns", "images", "rows", "cells", "pages", "body"] as const;

class CardReader {
  readonly blocks: Block[] = [];
  readonly buttons: Button[] = [];
  readonly #mentions: CardMentions;

  constructor(mentions: CardMentions) {
    this.#mentions = mentions;
  }

  /**
   * Reads elements in the order in which a card shows them. Not recursive, because a stranger decides how deep a card
   * is.
   */
  elements(list: unknown): void {
    const waiting: unknown[] = Array.isArray(list) ? list.slice(0, MAX_ELEMENTS).reverse() : [];
    for (let left = MAX_ELEMENTS; waiting.length > 0 && left > 0; left -= 1) {
      const element = asObject(waiting.pop());
      if (!element || element.isVisible === false) continue;
      const inside = this.#element(element);
      for (const one of inside.slice(0, MAX_ELEMENTS).reverse()) waiting.push(one);
    }
  }

  actions(list: unknown): void {
    if (!Array.isArray(list)) return;
    for (const one of list.slice(0, 40)) {
      const action = asObject(one);
      const title = textAt(action, "title");
      if (title === "" || action?.isVisible === false) continue;
      this.buttons.push({ title, link: action?.type === "Action.OpenUrl" ? textAt(action, "url") : null });
    }
  }

  /** Reads one element and returns the elements inside it. */
  #element(element: Json): unknown[] {
    const type = textAt(element, "type");
    this.actions(element.actions);
    if (type === "TextBlock") {
      const marks: Mark[] = /^bolder$/i.test(textAt(element, "weight")) ? ["bold"] : [];
      this.#add(cardText(textAt(element, "text"), this.#mentions, marks));
    } else if (type === "RichTextBlock") this.#rich(element);
    else if (type === "FactSet") this.#add(facts(listAt(element, "facts"), "title"));
    else if (type === "Image") this.#image(element);
    else if (type === "Media") this.#media(element);
    else if (type.startsWith("Input.")) {
      const label = textAt(element, "label") || textAt(element, "title") || textAt(element, "placeholder");
      this.#add(cardText(label, this.#mentions));
    } else return CONTAINERS.flatMap((name) => (Array.isArray(element[name]) ? element[name] : []));
    return [];
  }

  #add(blocks: readonly Block[]): void {
    this.blocks.push(...blocks.filter((block) => block.kind !== "paragraph" || block.spans.length > 0));
  }

  #rich(element: Json): void {
    const inlines = Array.isArray(element.inlines) ? element.inlines.slice(0, MAX_ELEMENTS) : [];
    const spans = inlines.flatMap((one): Span[] => {
      const run = asObject(one);
      if (!run) return typeof one === "string" ? [textSpan(one)] : [];
      const marks: Mark[] = [];
      if (/^bolder$/i.test(textAt(run, "weight"))) marks.push("bold");
      if (run.italic === true) marks.push("italic");
      if (run.strikethrough === true) marks.push("strike");
      const address = webAddress(textAt(asObject(run.selectAction), "url"));
      if (address !== null) marks.push(`link ${address}`);
      const [first, ...others] = textAt(run, "text").split("\n");
      return [
        textSpan(first ?? "", ...marks),
        ...others.flatMap((line) => [span({ kind: "break" }), textSpan(line, ...marks)]),
      ];
    });
    this.#add([paragraph(...spans)]);
  }

  #image(element: Json): void {
    const url = webAddress(textAt(element, "url"));
    const alt = textAt(element, "altText");
    if (url !== null && (isSecure(url) || /^http:/i.test(url))) {
      this.#add([paragraph(span({ kind: "image", url, alt }))]);
    } else if (alt !== "") this.#add([paragraph(textSpan(alt))]);
  }

  #media(element: Json): void {
    const [source] = listAt(element, "sources");
    const url = webAddress(textAt(source ?? null, "url"));
    const text = textAt(element, "altText") || url || "";
    if (text !== "")
      this.#add([paragraph(textSpan(text, ...(url === null ? [] : [`link ${url}` as const])))]);
  }
}

/** `**Status:** Open` */
export function facts(list: readonly Json[], name: "title" | "name"): Block[] {
  return list.slice(0, 200).map((fact) => {
    const title = textAt(fact, name).trim().replace(/:$/, "");
    const value = cardText(textAt(fact, "value")).flatMap((block) =>
      block.kind === "paragraph" ? block.spans : [],
    );
    return paragraph(...(title === "" ? [] : [textSpan(`${title}:`, "bold"), textSpan(" ")]), ...value);
  });
}
