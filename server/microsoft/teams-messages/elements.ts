/** Helpers for reading a parsed element. */

import type { Element, Node } from "./html.ts";

export const isElement = (node: Node): node is Element => "tagName" in node;

/** Returns an attribute; names are in lower case. "" when it is absent. */
export function attribute(element: Element, name: string): string {
  return element.attrs.find((one) => one.name === name)?.value ?? "";
}

export const hasAttribute = (element: Element, name: string) =>
  element.attrs.some((one) => one.name === name);

/** Elements whose content is not displayed. */
const UNSEEN = new Set([
  "script",
  "style",
  "title",
  "head",
  "template",
  "noscript",
  "iframe",
  "noembed",
  "noframes",
  "object",
  "embed",
  "svg",
  "canvas",
  "meta",
  "link",
  "datalist",
]);

export const isUnseen = (element: Element) => UNSEEN.has(element.tagName);

/** Returns the text of an element as in the source: in one line or, for code, with its own lines. */
export function textOf(nodes: readonly Node[], newLine = " "): string {
  let text = "";
  for (const node of nodes) {
    if (!isElement(node)) text += "value" in node ? node.value : "";
    else if (node.tagName === "br") text += newLine;
    else if (node.tagName === "emoji" || node.tagName === "img") text += attribute(node, "alt");
    else if (!isUnseen(node)) {
      if (/^(p|div|li|tr)$/.test(node.tagName) && text !== "" && !text.endsWith(newLine)) text += newLine;
      text += textOf(node.childNodes, newLine);
    }
  }
  return text;
}
