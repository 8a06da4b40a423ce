/** A member's settings for Teams chats; each choice is saved at once, as by `/msteams notifications`. */

import * as React from "react";
import type { Language } from "../../../server/platform/i18n/language.ts";
import { Refusal } from "../console/api.ts";
import type { FeatureHost } from "../host/feature.ts";
import { Group } from "../host/field.tsx";
import { isRightToLeft } from "../host/member.ts";
import { styles } from "../host/styles.ts";
import { colorScheme } from "../host/theme.ts";
import { useSettings } from "../host/use-settings.ts";
import type { Say } from "../host/words.ts";
import { type ChatChange, type ChatSettings, type ChatsApi, presenceStates } from "./api.ts";
import type { Word } from "./words.ts";

interface Props {
  readonly host: FeatureHost;
  readonly api: ChatsApi;
  readonly say: Say<Word>;
  readonly language: Language;
}

const EVENTS = ["chats_settings", "connected", "disconnected"];
const apply = (settings: ChatSettings, part: ChatChange): ChatSettings => ({ ...settings, ...part });

export function ChatsPanel({ api, host, language, say }: Props): React.ReactElement {
  const { ConnectPrompt, registry } = host;
  const { change, load, saved, state } = useSettings({ api, apply, registry, events: EVENTS });
  return (
    <div
      className="mc-member"
      dir={isRightToLeft(language) ? "rtl" : "ltr"}
      style={{ colorScheme: colorScheme() }}
      data-part="chats"
    >
      <style>{styles}</style>
      {state.at === "loading" && <p role="status">{say("loading")}</p>}
      {state.at === "failed" && (
        <div role="alert">
          <p>{failureText(state.error, say)}</p>
          <button type="button" className="mc-button" onClick={() => void load()}>
            {say("retry")}
          </button>
        </div>
      )}
      {state.at === "ready" && (
        <>
          {!state.settings.connected && (
            <>
              <p>{say("connect")}</p>
              <ConnectPrompt />
            </>
          )}
          <Choices settings={state.settings} change={change} say={say} />
        </>
      )}
      {/* Has a fixed height, so that nothing moves between press and release. */}
      <p role="status" className="mc-help mc-saved">
        {saved === "saved" && say("saved")}
        {saved !== null && saved !== "saved" && `${say("notSaved")} ${failureText(saved.error, say)}`}
      </p>
    </div>
  );
}

const failureText = (error: Error, say: Say<Word>): string =>
  say(error instanceof Refusal ? "failed" : "unreachable");

interface ChoicesProps {
  readonly settings: ChatSettings;
  readonly change: (part: ChatChange) => Promise<void>;
  readonly say: Say<Word>;
}

function Choices({ change, say, settings }: ChoicesProps): React.ReactElement {
  const { on, states } = settings;
  const check = (word: Word, name: "on" | "meetings" | "bots" | "notWhileActive" | "grouping") => (
    <label className="mc-check">
      <input
        type="checkbox"
        checked={settings[name]}
        disabled={name !== "on" && !on}
        onChange={() => void change({ [name]: !settings[name] })}
      />
      {say(word)}
    </label>
  );
  return (
    <>
      {check("on", "on")}
      <Group id="mc-chats-which" label={say("which")}>
        {check("meetings", "meetings")}
        {check("bots", "bots")}
        {check("grouping", "grouping")}
        {check("notWhileActive", "notWhileActive")}
      </Group>
      <Quiet settings={settings} change={change} say={say} />
      <Group id="mc-chats-states" label={say("states")} help={say("states.help")}>
        <div style={{ columns: "200px 2" }}>
          {presenceStates.map((one) => (
            <label key={one} className="mc-check" style={{ breakInside: "avoid" }}>
              <input
                type="checkbox"
                checked={states.includes(one)}
                disabled={!on}
                onChange={() =>
                  void change({
                    states: states.includes(one) ? states.filter((each) => each !== one) : [...states, one],
                  })
                }
              />
              {say(`state.${one}`)}
            </label>
          ))}
        </div>
      </Group>
    </>
  );
}

const USUAL = ["22:00", "07:00"] as const;

function Quiet({ change, say, settings }: ChoicesProps): React.ReactElement {
  const [first = "", last = ""] = settings.quiet.split("-");
  const isQuiet = settings.quiet !== "";
  const [from, setFrom] = React.useState(first);
  const [to, setTo] = React.useState(last);
  React.useEffect(() => {
    setFrom(first);
    setTo(last);
  }, [first, last]);
  const save = () => {
    if (from !== "" && to !== "" && from !== to && `${from}-${to}` !== settings.quiet)
      void change({ quiet: `${from}-${to}` });
  };
  return (
    <Group id="mc-chats-quiet" label={say("quiet")} help={say("quiet.help")}>
      <label className="mc-check">
        <input
          type="checkbox"
          checked={isQuiet}
          disabled={!settings.on}
          onChange={() => void change({ quiet: isQuiet ? "" : USUAL.join("-") })}
        />
        {say("quiet.use")}
      </label>
      {isQuiet && (
        <div className="mc-pair">
          <input
            className="mc-input"
            type="time"
            aria-label={say("quiet.from")}
            value={from}
            onChange={({ target }) => setFrom(target.value)}
            onBlur={save}
          />
          <span aria-hidden="true">–</span>
          <input
            className="mc-input"
            type="time"
            aria-label={say("quiet.to")}
            value={to}
            onChange={({ target }) => setTo(target.value)}
            onBlur={save}
          />
        </div>
      )}
    </Group>
  );
}
