import React from "react";
import { type FeedItem, textOf } from "./state.ts";

const ago = (at: number) => {
  const minutes = Math.floor((Date.now() - at) / 60_000);
  return minutes < 1
    ? "now"
    : minutes < 60
      ? `${minutes} min`
      : new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
};

/** The activity feed: a toast or an entry opens the place of its link. */
export function Feed(props: { items: readonly FeedItem[]; locale: string; onOpen(item: FeedItem): void }) {
  const { items, locale, onOpen } = props;
  return (
    <section className="feed" aria-label="Activity feed">
      <h1>Activity</h1>
      {items.length === 0 && (
        <p className="quiet empty">Nothing here yet. Ask a colleague to mention you in Mattermost.</p>
      )}
      <ul>
        {items.map((item) => (
          <li key={item.id}>
            <button type="button" className="feed-item" data-unread={!item.read} onClick={() => onOpen(item)}>
              <span className="feed-mark" aria-hidden="true">
                @
              </span>
              <span className="feed-text">
                <strong>{textOf(item, locale)}</strong>
                <span className="quiet">{item.preview}</span>
                <small className="quiet">{item.topic}</small>
              </span>
              <small className="quiet">{ago(item.at)}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
