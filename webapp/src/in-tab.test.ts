import { describe, expect, test } from "bun:test";
import { registerInTab } from "./in-tab.ts";

const id = "a".repeat(26);

function world(parentPath: string | null) {
  const sent: unknown[][] = [];
  const actions: Record<string, (id: string) => void> = {};
  const foreign = {
    get location(): never {
      throw new Error("another origin");
    },
  };
  const shell = {
    location: { pathname: parentPath },
    postMessage: (...message: unknown[]) => sent.push(message),
  };
  const inner = {
    location: { origin: "https://chat.example.com" },
    parent: parentPath === null ? foreign : shell,
  } as unknown as Window;
  registerInTab(
    {
      registerPostDropdownMenuAction: (text, action) => (actions[`post ${text}`] = action),
      registerChannelHeaderMenuAction: (text, action) => (actions[`channel ${text}`] = action),
    },
    "de",
    inner,
  );
  return { actions, sent };
}

describe("menu entries inside the tab", () => {
  test("send a post or a channel to the shell, on its own origin only", () => {
    const { actions, sent } = world("/mm/plugins/mission-collaboration/tab");
    actions["post Link in Microsoft 365 teilen"]?.(id);
    actions["channel Link in Microsoft 365 teilen"]?.(id);
    const type = "mission_collaboration_share";
    expect(sent).toEqual([
      [{ type, subPageId: `post_${id}`, label: "Mattermost" }, "https://chat.example.com"],
      [{ type, subPageId: `channel_${id}`, label: "Mattermost" }, "https://chat.example.com"],
    ]);
  });
  for (const parent of ["/", "/plugins/other/tab", null]) {
    test(`are absent with the parent ${parent}`, () => expect(world(parent).actions).toEqual({}));
  }
});
