/** Reads the HTML that we send with the parser alone, without our own code. */

import { parseFragment, serialize } from "parse5";

/** Whether the parser has nothing to repair: it prints the same again. */
export function wellFormed(html: string): boolean {
  const strict = (text: string) => text.replaceAll('"', "&quot;");
  return (
    strict(serialize(parseFragment(html))) ===
    strict(html.replaceAll("&quot;", '"').replaceAll("\u00a0", "&nbsp;"))
  );
}

export function textOfHtml(html: string): string {
  type Node = { value?: string; childNodes?: readonly Node[] };
  const text = ({ value, childNodes = [] }: Node): string => (value ?? "") + childNodes.map(text).join("");
  return text(parseFragment(html) as Node);
}
