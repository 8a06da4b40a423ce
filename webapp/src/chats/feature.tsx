/** Teams chats in the web app: a section of the person's settings. */

import * as React from "react";
import type { Language } from "../../../server/platform/i18n/language.ts";
import type { FeatureHost, Shown } from "../host/feature.ts";
import { Lazy } from "../host/lazy.tsx";
import { memberOf } from "../host/member.ts";

const titles: Readonly<Record<Language, string>> = {
  en: "Teams chats",
  de: "Teams-Chats",
  es: "Chats de Teams",
  fr: "Conversations Teams",
  ja: "Teams のチャット",
  ar: "\u2067دردشات Teams\u2069",
};

export function chatsFeature(host: FeatureHost): Shown {
  const { language, locale } = memberOf(host.store.getState());
  const load = async () => {
    const [{ ChatsPanel }, { createChatsApi }, { wordsFor }] = await Promise.all([
      import("./panel.tsx"),
      import("./api.ts"),
      import("./words.ts"),
    ]);
    const api = createChatsApi();
    const say = wordsFor(language, locale);
    return () => <ChatsPanel host={host} api={api} say={say} language={language} />;
  };
  return {
    section: { title: titles[language], component: () => <Lazy language={language} load={load} /> },
    off() {
      // The section is all there is to remove.
    },
  };
}
