import React, { useEffect, useRef, useState } from "react";
import { api, base, type Channel, type Post } from "./api.ts";
import { fullName, type Session, usePosts } from "./data.ts";
import { InteractiveDialog } from "./interactive-dialog.tsx";
import { Menu } from "./menu.tsx";
import {
  closeRightHandSide,
  registered,
  rightHandSide,
  setCurrentChannel,
  setPosts,
  store,
  usePlugins,
} from "./plugin-host.ts";
import { PostView } from "./post-view.tsx";
import { browserHistory, previousTeam } from "./router.ts";
import { Sidebar } from "./sidebar.tsx";
import { UserSettingsDialog } from "./user-settings.tsx";

interface Place {
  readonly channel: Channel | undefined;
  readonly postId?: string;
  readonly missing?: boolean;
}

/**
 * Reads team and channel from the address like the web app; a permalink becomes the channel of its post.
 */
function usePlace(path: string, session: Session): Place | null {
  const [place, setPlace] = useState<Place | null>(null);
  const latest = useRef(session);
  latest.current = session;
  const count = session.channels.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a channel that has just appeared may be the one.
  useEffect(() => {
    const { channels, teams, me, users } = latest.current;
    // A pop-out: `/_popout/channel/<team>/channels/<name>`.
    const place = path.replace(/^\/_popout\/channel/, "");
    const [, first = "", kind = "", ...rest] = place.split("/").map(decodeURIComponent);
    const name = rest.join("/");
    const team = teams.find((each) => each.name === first) ?? teams[0];
    const home = () => browserHistory.replace(team ? `/${team.name}/channels/town-square` : "/login");
    if (first === "_redirect") {
      // Before a team is chosen this is "//pl/…": the browser throws, or under a sub-path the address leads nowhere.
      const previous = teams.find(({ id }) => id === previousTeam.get(me.id));
      return browserHistory.replace(`/${previous?.name ?? ""}/${[kind, ...rest].join("/")}`);
    }
    if (path === "/error") return setPlace({ channel: undefined, missing: true });
    const find = (wanted: string) =>
      channels.find((each) => each.name === wanted && (each.team_id === "" || each.team_id === team?.id));
    const show = (channel: Channel | undefined, postId?: string) => {
      if (channel && team) previousTeam.set(me.id, channel.team_id || team.id);
      setPlace({ channel, ...(postId !== undefined && { postId }) });
    };
    const notFound = (type: string) => browserHistory.replace(`/error?type=${type}&returnTo=`);
    if (kind === "channels") return find(name) ? show(find(name)) : notFound("channel_not_found");
    if (kind === "messages") {
      const other = [...users.values()].find((each) => each.username === name.slice(1));
      const direct = other && [me.id, other.id].sort().join("__");
      return show(find(direct ?? name));
    }
    if (first !== "" && (kind === "pl" || kind === "threads")) {
      api<Post>(`/posts/${name}`).then(
        async (post) => {
          const known =
            channels.find((each) => each.id === post.channel_id) ??
            (await api<Channel>(`/channels/${post.channel_id}`));
          show(known, post.id);
        },
        () => notFound("permalink_not_found"),
      );
      return;
    }
    home();
  }, [path, count]);
  return place;
}

export function ChannelPage({ path, session }: { path: string; session: Session }) {
  const place = usePlace(path, session);
  const [settings, setSettings] = useState(false);
  const channel = place?.channel
    ? (session.channels.find((each) => each.id === place.channel?.id) ?? place.channel)
    : undefined;
  const posts = usePosts(channel?.id, session);
  const unread = session.channels.reduce((sum, each) => sum + each.mentions, 0);
  const team = session.teams[0];
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${channel?.display_name ?? "Mattermost"} - ${team?.display_name ?? ""}`;
  }, [unread, channel?.display_name, team?.display_name]);

  usePlugins();
  const side = rightHandSide();
  useEffect(() => {
    if (channel?.id) setCurrentChannel(channel.id);
  }, [channel?.id]);
  useEffect(() => setPosts(posts), [posts]);

  return (
    <div className="app" data-user={session.me.username} data-side={side !== undefined}>
      <Sidebar session={session} current={channel?.id} onSettings={() => setSettings(true)} />
      <main className="center">
        {channel && (
          <ChannelView
            key={channel.id}
            channel={channel}
            posts={posts}
            session={session}
            focus={place?.postId}
          />
        )}
        {place?.missing && (
          <div className="missing" role="alert">
            <h1>Message Not Found</h1>
            <a href={`${base}/`}>Back to Mattermost</a>
          </div>
        )}
      </main>
      {side && (
        <aside className="sidebar--right" aria-label="Right-hand sidebar">
          <header className="sidebar--right__header">
            <h2>{side.title}</h2>
            <button type="button" aria-label="Close" onClick={closeRightHandSide}>
              ×
            </button>
          </header>
          <div className="sidebar-right__body">
            <side.component />
          </div>
        </aside>
      )}
      <InteractiveDialog session={session} channelId={channel?.id ?? ""} />
      {settings && <UserSettingsDialog session={session} onClose={() => setSettings(false)} />}
    </div>
  );
}

interface ViewProps {
  readonly channel: Channel;
  readonly posts: readonly Post[];
  readonly session: Session;
  readonly focus: string | undefined;
}

function ChannelView({ channel, posts, session, focus }: ViewProps) {
  const end = useRef<HTMLDivElement>(null);
  const [replyTo, setReplyTo] = useState<Post | null>(null);
  const count = posts.length;
  useEffect(() => {
    const target = focus ? document.getElementById(`post_${focus}`) : null;
    if (target) target.scrollIntoView({ block: "center" });
    else if (count > 0) end.current?.scrollIntoView({ block: "end" });
  }, [count, focus]);
  const roots = posts.filter((post) => post.root_id === "");
  const repliesOf = (id: string) => posts.filter((post) => post.root_id === id);
  const orphans = posts.filter(
    (post) => post.root_id !== "" && !roots.some((root) => root.id === post.root_id),
  );

  return (
    <>
      <header className="channel-header">
        <h1>{channel.display_name}</h1>
        {[...registered.headerIcons].map(([id, Icon]) => (
          <Icon key={id} channel={channel} />
        ))}
        <span>{channel.purpose}</span>
        <Menu
          label={`${channel.display_name} channel menu`}
          items={[...registered.channelMenu.values()].filter((item) => item.shows(store.getState()))}
          given={channel.id}
        />
        {[...registered.headerButtons].map(([id, { action, icon, tooltip }]) => (
          <button
            key={id}
            type="button"
            className="channel-header__icon"
            aria-label={tooltip}
            title={tooltip}
            onClick={() => action(channel, {})}
          >
            {icon}
          </button>
        ))}
        {channel.team_id !== "" && (
          <button
            type="button"
            className="pop-out"
            aria-label="Open in a new window"
            title="Open in a new window"
            onClick={() =>
              window.open(
                `${base}/_popout/channel/${session.teams[0]?.name}/channels/${channel.name}`,
                "_blank",
                "popup=true,width=800,height=700",
              )
            }
          >
            ↗
          </button>
        )}
      </header>
      <div className="posts" role="log" aria-label={`Messages in ${channel.display_name}`}>
        <p className="beginning">Beginning of {channel.display_name}</p>
        {[...roots, ...orphans].map((post) => (
          <div key={post.id}>
            <PostView
              post={post}
              session={session}
              focused={post.id === focus}
              onReply={() => setReplyTo(post)}
            />
            <div className="replies">
              {repliesOf(post.id).map((reply) => (
                <PostView
                  key={reply.id}
                  post={reply}
                  session={session}
                  focused={reply.id === focus}
                  onReply={() => setReplyTo(post)}
                />
              ))}
            </div>
          </div>
        ))}
        <div ref={end} />
      </div>
      <Composer channel={channel} session={session} replyTo={replyTo} onDone={() => setReplyTo(null)} />
    </>
  );
}

interface ComposerProps {
  readonly channel: Channel;
  readonly session: Session;
  readonly replyTo: Post | null;
  onDone(): void;
}

/** Sends posts and slash commands. The draft survives a change of channel, but not a reload. */
function Composer({ channel, session, replyTo, onDone }: ComposerProps) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");
  const send = async () => {
    if (text.trim() === "") return;
    setProblem("");
    try {
      if (text.startsWith("/"))
        await api("/commands/execute", {
          command: text,
          channel_id: channel.id,
          root_id: replyTo?.id ?? "",
          team_id: session.teams[0]?.id ?? "",
        });
      else await api("/posts", { channel_id: channel.id, message: text, root_id: replyTo?.id ?? "" });
      setText("");
      onDone();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <footer className="composer">
      {replyTo && (
        <p className="reply-to">
          Reply to {fullName(session.users.get(replyTo.user_id))}
          <button type="button" onClick={onDone} aria-label="Do not reply">
            ×
          </button>
        </p>
      )}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="box">
        <textarea
          id="post_textbox"
          rows={1}
          value={text}
          placeholder={`Write to ${channel.display_name}`}
          aria-label={`Write to ${channel.display_name}`}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey) return;
            event.preventDefault();
            void send();
          }}
        />
        <button type="button" className="send" onClick={send} disabled={text.trim() === ""} aria-label="Send">
          <svg width="18" height="18" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
            <path d="M3 20V4l19 8Zm2-3 11.9-5L5 7v3.5l6 1.5-6 1.5Z" />
          </svg>
        </button>
      </div>
    </footer>
  );
}
