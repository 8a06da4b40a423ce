/** Buttons of cards. A link stays a link; a button that needs Teams is named in one line. */

import type { Say } from "../../platform/i18n/index.ts";
import { webAddress } from "./addresses.ts";
import { type Block, linkMark, note, paragraph, textSpan } from "./document.ts";
import type { MessageWord } from "./words.ts";

export interface Button {
  readonly title: string;
  /** The address it opens; null: it works only in Teams. */
  readonly link: string | null;
}

export function actionLines(buttons: readonly Button[], say: Say<MessageWord>): Block[] {
  const links = buttons.filter(({ link }) => link !== null);
  const others = buttons.filter(({ link }) => link === null).map(({ title }) => title);
  const line = links.flatMap(({ title, link }, at) => {
    const address = webAddress(link ?? "");
    const text = textSpan(title, ...(address === null ? [] : [linkMark(address)]));
    return at === 0 ? [text] : [textSpan(" · "), text];
  });
  return [
    ...(line.length > 0 ? [{ kind: "card", children: [paragraph(...line)] } as const] : []),
    ...(others.length > 0 ? [note(say("answer", { names: others.join(" · ") }))] : []),
  ];
}
