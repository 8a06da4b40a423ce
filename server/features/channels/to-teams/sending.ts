/** The data of a post that is being sent to Teams. */

import type { Post } from "../../../runtime/mattermost/index.ts";
import type { Sender } from "../people.ts";
import type { OnLink } from "../room.ts";

export interface Outgoing extends OnLink {
  readonly post: Post;
}

export interface Sending extends Outgoing {
  readonly sender: Sender;
}
