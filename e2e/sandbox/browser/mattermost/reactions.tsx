import React, { useState } from "react";
import { api, type Post } from "./api.ts";
import type { Session } from "./data.ts";

/** A few emoji suffice to see reactions travel. */
const emoji: Readonly<Record<string, string>> = {
  "+1": "👍",
  heart: "❤️",
  laughing: "😆",
  open_mouth: "😮",
  cry: "😢",
  angry: "😠",
  tada: "🎉",
};

/** Reactions under a post, and a button for the person's own. */
export function Reactions({ post, session }: { post: Post; session: Session }) {
  const [open, setOpen] = useState(false);
  const me = session.me.id;
  const names = [...new Set((post.metadata?.reactions ?? []).map(({ emoji_name }) => emoji_name))];
  const by = (name: string) =>
    (post.metadata?.reactions ?? [])
      .filter(({ emoji_name }) => emoji_name === name)
      .map(({ user_id }) => user_id);
  const toggle = (name: string) => {
    setOpen(false);
    const done = by(name).includes(me)
      ? api(`/users/${me}/posts/${post.id}/reactions/${name}`, undefined, "DELETE")
      : api("/reactions", { user_id: me, post_id: post.id, emoji_name: name });
    done.catch(() => {});
  };
  return (
    <div className="reactions">
      {names.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={by(name).includes(me)}
          title={`:${name}: ${by(name)
            .map((id) => session.users.get(id)?.username ?? "someone")
            .join(", ")}`}
          onClick={() => toggle(name)}
        >
          {emoji[name] ?? `:${name}:`} {by(name).length}
        </button>
      ))}
      <button type="button" className="add" aria-label="Add a reaction" onClick={() => setOpen(!open)}>
        ☺
      </button>
      {open && (
        <span className="picker">
          {Object.entries(emoji).map(([name, character]) => (
            <button key={name} type="button" aria-label={name} onClick={() => toggle(name)}>
              {character}
            </button>
          ))}
        </span>
      )}
    </div>
  );
}
