/** The permissions of the server's default roles that plugins ask for (model/role.go, model/permission.go). */

const userPermissions = [
  "create_direct_channel",
  "create_group_channel",
  "list_public_teams",
  "join_public_teams",
  "create_team",
  "view_members",
  "edit_custom_group",
  "create_custom_group",
  "manage_custom_group_members",
  "create_emojis",
];
const channelUserPermissions = [
  "read_channel",
  "read_channel_content",
  "create_post",
  "edit_post",
  "delete_post",
  "add_reaction",
  "remove_reaction",
  "upload_file",
  "get_public_link",
  "use_channel_mentions",
  "use_group_mentions",
  "manage_public_channel_members",
  "manage_private_channel_members",
  "manage_public_channel_properties",
  "manage_private_channel_properties",
];
const teamUserPermissions = [
  "view_team",
  "list_team_channels",
  "join_public_channels",
  "read_public_channel",
  "create_public_channel",
  "create_private_channel",
  "invite_user",
  "add_user_to_team",
];

/** Roles → permissions. `system_admin` has every permission, so it is handled separately. */
export const rolePermissions: Readonly<Record<string, readonly string[]>> = {
  system_user: userPermissions,
  /** Delegated granular administration, with plugins set to "read only" (its default). */
  system_manager: ["sysconsole_read_plugins"],
  system_guest: ["create_direct_channel", "create_group_channel"],
  team_user: teamUserPermissions,
  team_admin: [...teamUserPermissions, "manage_team", "manage_team_roles", "remove_user_from_team"],
  team_guest: ["view_team"],
  channel_user: channelUserPermissions,
  channel_admin: [...channelUserPermissions, "manage_channel_roles"],
  channel_guest: [
    "read_channel",
    "read_channel_content",
    "create_post",
    "add_reaction",
    "upload_file",
    "use_channel_mentions",
  ],
};

export function rolesGrant(roles: readonly string[], permission: string): boolean {
  return roles.some((role) => role === "system_admin" || rolePermissions[role]?.includes(permission));
}

export const roleNames = (roles: string): string[] => roles.split(/\s+/).filter((role) => role !== "");
