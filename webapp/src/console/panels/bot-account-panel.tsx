/** The Teams account that posts in linked channels for people without one. */

import * as React from "react";
import { isSystemAdmin } from "../access.ts";
import { get, send } from "../api.ts";
import { useLive } from "../live.ts";
import { isOpen } from "../navigation.ts";
import { ActionButton, Failure, useAction } from "../parts.tsx";
import { t } from "../translate.ts";

interface BotState {
  readonly needed: boolean;
  readonly connected: boolean;
  readonly lost?: boolean;
  readonly account?: string;
  readonly missing?: readonly string[];
}

const PATH = "/api/v1/admin/connections/bot";

export function BotAccountPanel(): React.ReactElement | null {
  useLive();
  const action = useAction();
  const [bot, setBot] = React.useState<BotState | null>(null);
  const [asked, setAsked] = React.useState(false);
  const open = isOpen("accounts");
  const { run } = action;
  const load = React.useCallback(async () => setBot(await get<BotState>(PATH)), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the page is opened, and when the admin comes back to it
  React.useEffect(() => {
    if (!open || !isSystemAdmin()) return;
    const look = () => void run(load);
    look();
    window.addEventListener("focus", look);
    return () => window.removeEventListener("focus", look);
  }, [open, load]);
  if (!bot || (!bot.needed && bot.account === undefined)) return <Failure error={action.error} />;
  const disconnect = () =>
    void run(async () => {
      await send("DELETE", PATH);
      setAsked(false);
      await load();
    });
  const isWhole = bot.connected && (bot.missing ?? []).length === 0;
  return (
    <div data-part="bot-account" data-state={stateOf(bot)}>
      <h3>{t("accounts.bot")}</h3>
      <p>{t("accounts.bot.lead")}</p>
      <p role="status">{t(`accounts.bot.${stateOf(bot)}`, { account: bot.account ?? "" })}</p>
      <p className="mc-row">
        {!isWhole && bot.needed && (
          <ActionButton onClick={openWindow}>
            {t(bot.account === undefined ? "accounts.bot.connect" : "accounts.bot.again")}
          </ActionButton>
        )}
        {bot.account !== undefined && !asked && (
          <ActionButton kind="tertiary" onClick={() => setAsked(true)}>
            {t("accounts.bot.disconnect")}
          </ActionButton>
        )}
        {asked && (
          <>
            <ActionButton kind="danger" onClick={disconnect}>
              {t("accounts.sure")}
            </ActionButton>
            <ActionButton kind="tertiary" onClick={() => setAsked(false)}>
              {t("links.keep")}
            </ActionButton>
          </>
        )}
      </p>
      <Failure error={action.error} />
    </div>
  );
}

function stateOf({ account, connected, missing = [] }: BotState) {
  if (account === undefined) return "none";
  if (!connected) return "lost";
  return missing.length > 0 ? "missing" : "connected";
}

function openWindow(): void {
  const base = (window as { basename?: string }).basename ?? "";
  window.open(
    `${base}/plugins/mission-collaboration/oauth2/connect?account=bot`,
    "mission-collaboration-bot",
    "popup,width=560,height=760",
  );
}
