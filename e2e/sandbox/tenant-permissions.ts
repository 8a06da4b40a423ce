/** Permissions that the tenant knows, with the ids of Graph. */

/** Graph permissions with Microsoft's ids, as far as setup and checks look at them (docs/facts/microsoft.md 6.3). */
export const delegated: Record<string, string> = {
  openid: "37f7f235-527c-4136-accd-4a02d197296e",
  profile: "14dad69e-099b-42c9-810b-d002981feec1",
  email: "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
  offline_access: "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
  "User.Read": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
  "User.ReadBasic.All": "b340eb25-3456-403f-be2f-af7a0d370277",
  "User.Read.All": "a154be20-db9c-4678-8ab7-66f6cc099a59",
  "Chat.Read": "f501c180-9344-439a-bca0-6cbf209fd270",
  "ChatMessage.Read": "cdcdac3a-fd45-410d-83ef-554db620e5c7",
  "ChatMessage.Send": "116b7235-7cc6-461e-b163-8e55691d839e",
  "ChannelMessage.Read.All": "767156cb-16ae-4d10-8f8b-41b657c8c8c8",
  "ChannelMessage.ReadWrite": "5922d31f-46c8-4404-9eaf-2117e390a8a4",
  "ChannelMember.Read.All": "2eadaff8-0bce-4198-a6b9-2cfc35a30075",
  "ChannelMessage.Send": "ebf0f66e-9fb1-49e4-a278-222f76911cf4",
  "Team.ReadBasic.All": "485be79e-c497-4b35-9400-0e3fa7f2a5d4",
  "Channel.ReadBasic.All": "9d8982ae-4365-4f57-95e9-d6032a4c0b87",
  "Files.Read.All": "df85f4d6-205c-4ac5-a5ea-6bf408dba283",
  "Files.ReadWrite.All": "863451e7-0667-486c-a5d6-d135439485f0",
  "Calendars.ReadWrite": "1ec239c2-d7c9-4623-a91a-a9775856bb36",
  "Calendars.ReadWrite.Shared": "12466101-c9b8-439a-8589-dd09ee67e8e9",
  "MailboxSettings.Read": "87f447af-9fa4-4c32-9dfa-4a57a73d18ce",
};
/** Delegated permissions that a person cannot agree to alone. */
export const adminOnly = new Set(["User.Read.All", "ChannelMessage.Read.All"]);
export const application: Record<string, string> = {
  "TeamsActivity.Send": "a267235f-af13-44dc-8385-c1dc93023186",
  "AppCatalog.Read.All": "e12dae10-5a57-4817-b79d-dfbec5348930",
  "User.ReadBasic.All": "97235f07-e226-4f63-ace3-39588e11d3a1",
  "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
  "Chat.Read.All": "6b7d71aa-70aa-4810-a8d9-5d9fb2830017",
  "Presence.Read.All": "a70e0c2d-e793-494c-94c4-118fa0a67f42",
  "ChannelMessage.Read.All": "7b2449af-6ccd-4f4d-9f78-e550c193f0d1",
  "Channel.ReadBasic.All": "59a6b24b-4225-4393-8165-ebaec5f55d7a",
  "ChannelMember.Read.All": "3b55498e-47ec-484f-8136-9013221c06a9",
  "Team.ReadBasic.All": "2280dda6-0bfd-44ee-a2f4-cb867cfc4c1e",
  "Files.Read.All": "01d4889c-1287-42c6-ac1f-5d1e02578ef6",
  "Calendars.Read": "798ee544-9d2d-430c-a058-570e29e34338",
  "MailboxSettings.Read": "40f97065-369a-49f4-947c-6a255697ae91",
  "TeamsAppInstallation.ReadWriteSelfForUser.All": "908de74d-f8b2-4d6b-a9ed-2a17b3b78179",
};
export const entries = (permissions: Record<string, string>) =>
  Object.entries(permissions).map(([value, id]) => ({ id, value }));
