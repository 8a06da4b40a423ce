/** The line of `/teams status` about linked channels: how the person's messages reach Teams. */

import { plainAccount } from "../../../people/connections/connection.ts";
import { type Language, words } from "../../../platform/i18n/index.ts";
import type { Room } from "../room.ts";

export const channelStatusWords = words({
  en: {
    as_self: "Linked channels: your messages appear in Teams as yours.",
    by_bot:
      "Linked channels: your messages are sent to Teams by {account}, with your name in front. `/msteams connect` makes them yours.",
    not_sent: "Linked channels: your messages do not reach Teams until you connect: `/msteams connect`.",
  },
  de: {
    as_self: "Verknüpfte Kanäle: Ihre Nachrichten erscheinen in Teams als Ihre.",
    by_bot:
      "Verknüpfte Kanäle: Ihre Nachrichten sendet {account} an Teams, mit Ihrem Namen davor. Mit `/msteams connect` werden es Ihre.",
    not_sent:
      "Verknüpfte Kanäle: Ihre Nachrichten erreichen Teams erst, wenn Sie sich verbinden: `/msteams connect`.",
  },
  es: {
    as_self: "Canales vinculados: sus mensajes aparecen en Teams como suyos.",
    by_bot:
      "Canales vinculados: {account} envía sus mensajes a Teams, con su nombre delante. Con `/msteams connect` serán suyos.",
    not_sent: "Canales vinculados: sus mensajes no llegan a Teams hasta que se conecte: `/msteams connect`.",
  },
  fr: {
    as_self: "Canaux liés : vos messages apparaissent dans Teams comme les vôtres.",
    by_bot:
      "Canaux liés : {account} envoie vos messages à Teams, précédés de votre nom. Avec `/msteams connect`, ils seront les vôtres.",
    not_sent:
      "Canaux liés : vos messages n’arrivent pas dans Teams tant que vous n’avez pas connecté votre compte : `/msteams connect`.",
  },
  ja: {
    as_self: "リンクしたチャンネル: メッセージは Teams にあなたのメッセージとして表示されます。",
    by_bot:
      "リンクしたチャンネル: メッセージは {account} が、先頭にあなたの名前を付けて Teams に送ります。`/msteams connect` で接続すると、あなたのメッセージとして送られます。",
    not_sent:
      "リンクしたチャンネル: 接続するまでメッセージは Teams に届きません。`/msteams connect` で接続してください。",
  },
  ar: {
    as_self: "القنوات المرتبطة: تظهر رسائلك في Teams باسمك.",
    by_bot:
      "القنوات المرتبطة: يرسل {account} رسائلك إلى Teams مسبوقةً باسمك. يجعلها الأمر \u200e`/msteams connect` باسمك أنت.",
    not_sent: "القنوات المرتبطة: لا تصل رسائلك إلى Teams حتى توصّل حسابك: \u200e`/msteams connect`.",
  },
});

export async function memberStatus(
  { people }: Pick<Room, "people">,
  userId: string,
  language: Language,
): Promise<readonly string[]> {
  const say = channelStatusWords.in(language);
  if ((await people.connectedObjectId(userId)) !== null) return [say("as_self")];
  const bot = await people.botAccount();
  return [bot ? say("by_bot", { account: plainAccount(bot.account) }) : say("not_sent")];
}
