import { expect, test } from "bun:test";
import { type MessageApi, tellSystemAdmins } from "./admin-messages.ts";

function api(unreachable: readonly string[]) {
  const recipients: string[] = [];
  const calls = {
    ensureBotUser: async () => "bot",
    getUsers: async () => ["ana", "ben", "cleo"].map((Id) => ({ Id, IsBot: false, Locale: "en" })),
    async getDirectChannel(_bot: string, userId: string) {
      if (unreachable.includes(userId)) throw new Error(`no channel with ${userId}`);
      return { Id: userId };
    },
    createPost: async ({ ChannelId }: { ChannelId: string }) => void recipients.push(ChannelId),
  };
  return { recipients, tell: () => tellSystemAdmins(calls as unknown as MessageApi, "plugin", () => "news") };
}

test("an admin who cannot be reached does not keep the message from the others", async () => {
  const { tell, recipients } = api(["ana"]);
  await tell();
  expect(recipients).toEqual(["ben", "cleo"]);
});

test("when nobody can be reached, the caller learns it", async () => {
  const { tell } = api(["ana", "ben", "cleo"]);
  await expect(tell()).rejects.toThrow("no channel with ana");
});
