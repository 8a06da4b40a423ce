import React from "react";
import { api, type Channel } from "./api.ts";
import { fullName, type Session, signOut } from "./data.ts";
import { browserHistory } from "./router.ts";

interface Props {
  readonly session: Session;
  readonly current: string | undefined;
  onSettings(): void;
}

export function Sidebar({ session, current, onSettings }: Props) {
  const team = session.teams[0];
  const groups: [string, Channel[]][] = [
    ["Channels", session.channels.filter((each) => each.type === "O" || each.type === "P")],
    ["Direct messages", session.channels.filter((each) => each.type === "D" || each.type === "G")],
  ];
  const pathOf = (channel: Channel) =>
    `/${team?.name}/${channel.type === "G" ? "messages" : "channels"}/${channel.name}`;
  const others = [...session.users.values()].filter(
    (each) =>
      each.id !== session.me.id &&
      !each.is_bot &&
      !session.channels.some((channel) => channel.type === "D" && channel.name.includes(each.id)),
  );
  const statusOf = (channel: Channel) => {
    const other = channel.name.split("__").find((id) => id !== session.me.id);
    return session.statuses.get(other ?? "") ?? "offline";
  };
  return (
    <nav className="sidebar" aria-label="Channels">
      <header>
        <strong>{team?.display_name}</strong>
        <span>{fullName(session.me)}</span>
      </header>
      <div className="channels">
        {groups.map(([title, channels]) => (
          <section key={title}>
            <h2>{title}</h2>
            {channels.map((channel) => (
              <a
                key={channel.id}
                href={pathOf(channel)}
                aria-current={channel.id === current ? "page" : undefined}
                data-unread={channel.unread > 0 && channel.id !== current}
                onClick={(event) => {
                  event.preventDefault();
                  browserHistory.push(pathOf(channel));
                }}
              >
                <i
                  className="mark"
                  data-kind={channel.type}
                  data-status={channel.type === "D" ? statusOf(channel) : undefined}
                  aria-hidden="true"
                />
                <span>{channel.display_name}</span>
                {channel.mentions > 0 && channel.id !== current && (
                  <b className="badge">{channel.mentions}</b>
                )}
              </a>
            ))}
          </section>
        ))}
        {others.length > 0 && (
          <section>
            <h2>People</h2>
            {others.map((person) => (
              <button
                key={person.id}
                type="button"
                onClick={async () => {
                  const channel = await api<Channel>("/channels/direct", [session.me.id, person.id]);
                  session.refreshChannels();
                  browserHistory.push(pathOf(channel));
                }}
              >
                <i
                  className="mark"
                  data-kind="D"
                  data-status={session.statuses.get(person.id) ?? "offline"}
                  aria-hidden="true"
                />
                <span>{fullName(person)}</span>
              </button>
            ))}
          </section>
        )}
      </div>
      <footer>
        {session.me.roles.includes("system_admin") && (
          <button
            type="button"
            onClick={() => browserHistory.push("/admin_console/plugins/plugin_mission-collaboration")}
          >
            System Console
          </button>
        )}
        <button type="button" onClick={onSettings}>
          Settings
        </button>
        <button type="button" id="logout" onClick={signOut}>
          Log out
        </button>
      </footer>
    </nav>
  );
}
