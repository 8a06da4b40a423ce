import { useCallback, useEffect, useRef, useState } from "react";
import {
  ApiError,
  api,
  type Channel,
  listen,
  type Post,
  type ServerEvent,
  type Team,
  type User,
} from "./api.ts";
import { forwardEvent, setStoreState } from "./plugin-host.ts";
import { browserHistory, wasLoggedIn } from "./router.ts";

interface Preference {
  readonly category: string;
  readonly name: string;
  readonly value: string;
}

export interface Session {
  readonly me: User;
  readonly teams: readonly Team[];
  readonly users: ReadonlyMap<string, User>;
  readonly channels: readonly Channel[];
  readonly statuses: ReadonlyMap<string, string>;
  /** `category--name` → value, as the web app keeps them. */
  readonly preferences: ReadonlyMap<string, string>;
  refreshChannels(): void;
  onEvent(listener: (event: ServerEvent) => void): () => void;
}

/** "signed out" after a 401; the caller then shows the login page. */
export function useSession(): Session | "loading" | "signed out" {
  const [session, setSession] = useState<
    Omit<Session, "refreshChannels" | "onEvent"> | "loading" | "signed out"
  >("loading");
  const listeners = useRef(new Set<(event: ServerEvent) => void>());
  const load = useCallback(async () => {
    try {
      const me = await api<User>("/users/me");
      const [teams, everybody, channels, stored] = await Promise.all([
        api<Team[]>("/users/me/teams"),
        api<User[]>("/users"),
        api<Channel[]>("/users/me/channels"),
        api<Preference[]>("/users/me/preferences"),
      ]);
      const preferences = new Map(stored.map((each) => [`${each.category}--${each.name}`, each.value]));
      const statuses = await api<{ user_id: string; status: string }[]>(
        "/users/status/ids",
        everybody.map((each) => each.id),
      );
      setStoreState({ me, users: everybody, teams, channels, preferences });
      setSession({
        me,
        teams,
        channels,
        preferences,
        users: new Map(everybody.map((each) => [each.id, each])),
        statuses: new Map(statuses.map((each) => [each.user_id, each.status])),
      });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) setSession("signed out");
      else setTimeout(load, 2_000);
    }
  }, []);
  useEffect(() => void load(), [load]);
  const id = typeof session === "object" ? session.me.id : null;
  useEffect(() => {
    if (!id) return;
    const close = listen((event) => {
      if (
        [
          "posted",
          "channel_created",
          "user_added",
          "status_change",
          "preferences_changed",
          "reconnected",
        ].includes(event.event)
      )
        void load();
      forwardEvent(event);
      for (const listener of listeners.current) listener(event);
    });
    // A revoked session is noticed at the next request.
    const look = setInterval(() => {
      void api<User>("/users/me").catch((error) => {
        if (error instanceof ApiError && error.status === 401) setSession("signed out");
      });
    }, 5_000);
    return () => {
      close();
      clearInterval(look);
    };
  }, [id, load]);
  if (typeof session === "string") return session;
  return {
    ...session,
    refreshChannels: () => void load(),
    onEvent: (listener) => {
      listeners.current.add(listener);
      return () => listeners.current.delete(listener);
    },
  };
}

export function usePosts(channelId: string | undefined, session: Session): readonly Post[] {
  const [posts, setPosts] = useState<readonly Post[]>([]);
  const { onEvent } = session;
  const subscribe = useRef(onEvent);
  subscribe.current = onEvent;
  useEffect(() => {
    if (!channelId) return;
    setPosts([]);
    let isOver = false;
    let changes = 0;
    // An answer that is older than an event would undo what the event said.
    const load = async (): Promise<void> => {
      const before = changes;
      const found = await api<Post[]>(`/channels/${channelId}/posts`).catch(() => null);
      if (isOver || !found) return;
      if (changes === before) setPosts(found);
      else await load();
    };
    const view = () => api("/channels/members/me/view", { channel_id: channelId }).catch(() => {});
    void load();
    void view();
    const end = subscribe.current((event) => {
      // The web app stores reactions separately; loading again is simpler.
      if (["reconnected", "reaction_added", "reaction_removed"].includes(event.event)) {
        changes += 1;
        void load();
      }
      if (!["posted", "post_edited", "post_deleted", "ephemeral_message"].includes(event.event)) return;
      const post = JSON.parse(String(event.data.post)) as Post;
      if (post.channel_id !== channelId) return;
      changes += 1;
      setPosts((before) => {
        const others = before.filter((each) => each.id !== post.id);
        if (event.event === "post_deleted") return others;
        return event.event === "post_edited"
          ? before.map((each) => (each.id === post.id ? post : each))
          : [...others, post];
      });
      if (document.visibilityState === "visible") void view();
    });
    return () => {
      isOver = true;
      end();
    };
  }, [channelId]);
  return posts;
}

export async function signOut(): Promise<void> {
  wasLoggedIn(false);
  await api("/users/logout", {}).catch(() => {});
  browserHistory.push("/login");
}

export const fullName = (user: User | undefined): string =>
  user ? [user.first_name, user.last_name].filter(Boolean).join(" ") || user.username : "Someone";
