/** The command `/msteams notifications status|on|off`: Teams chats in Mattermost, for the caller. */

import type { Language } from "../../../platform/i18n/index.ts";
import { commandWords } from "./command-words.ts";
import type { memberSettings } from "./member-settings.ts";

export function memberCommand(settings: ReturnType<typeof memberSettings>) {
  return async (
    typed: readonly string[],
    { language, userId }: { readonly userId: string; readonly language?: Language },
  ): Promise<string> => {
    const say = commandWords.in(language);
    const [word = "status", ...more] = typed.map((one) => one.toLowerCase());
    if (more.length > 0 || !["status", "on", "off"].includes(word)) return say("usage");
    if (!(await settings.show(userId)).connected) return say("not_connected");
    if (word === "status") {
      const { on, quiet } = await settings.show(userId);
      return [say(on ? "is_on" : "is_off"), ...(on && quiet ? [say("quiet", { span: quiet })] : [])].join(
        "\n",
      );
    }
    await settings.change(userId, { on: word === "on" });
    return say(word === "on" ? "now_on" : "now_off");
  };
}
