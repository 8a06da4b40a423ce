/** Looks up a person's language and words problems in it. */

import { ProductError } from "../../platform/errors.ts";
import { type Language, languageOf, type Say } from "../../platform/i18n/index.ts";
import type { Api } from "../../runtime/mattermost/index.ts";
import { type EventWord, eventWords } from "./events/events-words.ts";

export class PersonWords {
  readonly #api: Pick<Api, "getUser">;

  constructor(api: Pick<Api, "getUser">) {
    this.#api = api;
  }

  /** A person whose profile cannot be read still gets an answer, in the default language. */
  languageOf(userId: string): Promise<Language> {
    return this.#api.getUser(userId).then(
      (user) => languageOf(user?.Locale),
      () => languageOf(""),
    );
  }

  /** Rethrows an error that is no problem of the person's, so that it gets logged. */
  problem(error: unknown, say: Say<EventWord>): string {
    if (!(error instanceof ProductError)) throw error;
    const key = `problem_${error.code}`;
    return isWord(key) ? say(key) : say("failed");
  }

  field(code: string, say: Say<EventWord>): string {
    const key = `field_${code}`;
    return isWord(key) ? say(key) : say("field_invalid");
  }
}

function isWord(key: string): key is EventWord {
  return Object.hasOwn(eventWords.table.en, key);
}
