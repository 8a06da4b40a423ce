/** The facts that the rules read, reduced from Mattermost's own types: a decision reads nothing else. */

/** A linked member: an account that signed in from Microsoft 365. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly firstName: string;
  /** `model.User.NotifyProps`. */
  readonly notify: Readonly<Record<string, string>>;
  /** IANA name, or empty. */
  readonly timezone: string;
  /** Mattermost's locale: `en`, `de`, `pt-BR`. */
  readonly locale: string;
}

/** The person's choices in Mattermost's own settings and in this plugin's. */
export interface Choices {
  /** Whether reply threads are collapsed, or null when the person has not chosen. */
  readonly collapsedThreads: boolean | null;
  /** `username`, `nickname_full_name`, `full_name`, or null when the person has not chosen. */
  readonly nameFormat: string | null;
  /** This plugin's own settings, see own-settings.ts. */
  readonly own: OwnSettings;
}

/** The person's own settings, with the admin's defaults filled in. */
export interface OwnSettings {
  readonly enabled: boolean;
  /** Activity types that are switched off. */
  readonly off: ReadonlySet<string>;
  /** In minutes after midnight in the person's time zone; null: no quiet hours. `from` may be later than `to`. */
  readonly quiet: { readonly from: number; readonly to: number } | null;
  readonly onlyWhenAway: boolean;
}

export interface PersonStatus {
  /** `online`, `away`, `dnd`, `offline`, `ooo`. */
  readonly status: string;
  /** The open channel, as far as the server knows. */
  readonly activeChannel: string;
  readonly lastActivityAt: number;
}

export interface ChannelFacts {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly displayName: string;
  readonly teamId: string;
  readonly archived: boolean;
  /** Whether the membership follows groups of a directory. */
  readonly groupConstrained: boolean;
}

export interface PostFacts {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly rootId: string;
  readonly type: string;
  readonly message: string;
  readonly createdAt: number;
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly fromWebhook: boolean;
  /** A Teams message or an Outlook meeting that this plugin posted: Teams itself notifies about it. */
  readonly fromMicrosoft: boolean;
  readonly overrideUsername: string;
  readonly attachments: readonly AttachmentFacts[];
  readonly fileIds: readonly string[];
  readonly urgent: boolean;
}

export interface AttachmentFacts {
  readonly pretext: string;
  readonly text: string;
  readonly fallback: string;
  readonly fields: readonly string[];
}

/** Facts about the thread that a reply belongs to. */
export interface ThreadFacts {
  readonly rootAuthorId: string;
  /** The root was posted by a webhook under another name, so its owner did not start the thread. */
  readonly rootByIntegration: boolean;
  readonly rootFromWebhook: boolean;
  /** The people who replied in it; the root's author only after they replied. */
  readonly writers: ReadonlySet<string>;
  /** The people who were mentioned in it before this post, and whether the whole channel was. */
  readonly named: ReadonlySet<string>;
  readonly channelNamed: boolean;
}

/** The server settings that its push decisions depend on. */
export interface ServerRules {
  readonly maxNotificationsPerChannel: number;
  /** `disabled`, `default_off`, `default_on`, `always_on`. */
  readonly collapsedThreads: string;
  readonly threadAutoFollow: boolean;
  readonly enablePostUsernameOverride: boolean;
  readonly teammateNameDisplay: string;
  readonly lockTeammateNameDisplay: boolean;
  readonly showFullName: boolean;
  /** `full`, `generic`, `generic_no_channel`, `id_loaded`. */
  readonly pushContents: string;
  /** The server pushes to phones, so it reports each of its decisions to the plugin. */
  readonly pushes: boolean;
}
