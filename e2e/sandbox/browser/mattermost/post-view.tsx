import React from "react";
import { base, type Post } from "./api.ts";
import { Attachments } from "./attachments.tsx";
import { fullName, type Session } from "./data.ts";
import { Markdown } from "./markdown.tsx";
import { Menu } from "./menu.tsx";
import { registered } from "./plugin-host.ts";
import { Reactions } from "./reactions.tsx";

const hues = [205, 140, 25, 280, 340, 180, 50];
/** A colour that stays the same for a person. */
export const hueOf = (id: string) =>
  hues[[...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % hues.length];

interface Props {
  readonly post: Post;
  readonly session: Session;
  readonly focused: boolean;
  onReply(): void;
}

export function PostView({ post, session, focused, onReply }: Props) {
  const author = session.users.get(post.user_id);
  // Like the web app for posts of integrations: only with `from_webhook`, and marked as a bot's post.
  const shownAs = post.props.from_webhook === "true" ? post.props.override_username : undefined;
  const name = typeof shownAs === "string" && shownAs !== "" ? shownAs : fullName(author);
  const initials = name
    .split(" ")
    .map((each) => each[0])
    .join("")
    .slice(0, 2);
  return (
    <article
      id={`post_${post.id}`}
      className="post"
      data-focused={focused}
      data-ephemeral={post.type === "system_ephemeral"}
    >
      <span
        className="avatar"
        style={{ "--hue": hueOf(post.user_id) } as React.CSSProperties}
        aria-hidden="true"
      >
        {initials}
      </span>
      <div>
        <header>
          <strong>{name}</strong>
          {(author?.is_bot || shownAs !== undefined) && <span className="tag">BOT</span>}
          <time dateTime={new Date(post.create_at).toISOString()}>
            {new Date(post.create_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}
          </time>
          {post.edit_at > 0 && <small>Edited</small>}
          {post.type === "system_ephemeral" && <small>Only visible to you</small>}
        </header>
        <Markdown text={post.message} own={session.me.username} />
        <Attachments post={post} own={session.me.username} />
        {post.metadata?.files?.map(({ id, name, size }) => (
          <a
            key={id}
            className="attachment"
            href={`${base}/api/v4/files/${id}?download=1`}
            download={name}
            target="_blank"
            rel="noopener noreferrer"
          >
            {name} <small>{Math.ceil(size / 1024)} KB</small>
          </a>
        ))}
        {post.type !== "system_ephemeral" && <Reactions post={post} session={session} />}
      </div>
      {post.type !== "system_ephemeral" && (
        <Menu
          label="more"
          items={[...registered.postMenu.values()].filter((item) => item.shows(post.id))}
          given={post.id}
        />
      )}
      {post.type !== "system_ephemeral" && (
        <button type="button" className="reply" onClick={onReply} aria-label="Reply">
          Reply
        </button>
      )}
    </article>
  );
}
