/** The errors that several features share. Longer than 300 lines, as one table. */

export interface ErrorRow {
  readonly status: number;
  /** For the person in front of the screen. Contains no names, addresses or ids of other people. */
  readonly says: string;
  /** What the admin should do. */
  readonly cure: string;
}

export const errors = {
  not_configured: {
    status: 503,
    says: "Your Mattermost admin has to finish the Microsoft 365 set-up first.",
    cure: "Open System Console > Plugins > Mission Collaboration for Microsoft 365; the missing settings are listed there.",
  },
  site_url_invalid: {
    status: 503,
    says: "This Mattermost server is not ready for Microsoft 365 yet.",
    cure: "Set System Console > Environment > Web Server > Site URL to the https address that members use. Microsoft 365 shows https pages only.",
  },
  request_invalid: {
    status: 400,
    says: "The request could not be understood.",
    cure: "Reload the tab. If it persists, a proxy may be changing requests: compare the request id with the server log.",
  },
  request_too_large: {
    status: 413,
    says: "The request is larger than this address accepts.",
    cure: "Reload the tab. A proxy that adds to request bodies is the usual reason.",
  },
  request_forbidden: {
    status: 403,
    says: "This request did not come from the Mattermost tab.",
    cure: "The browser reported another origin. Check that Site URL is the address members really use, and that the proxy keeps the Origin header.",
  },
  method_not_allowed: {
    status: 405,
    says: "This address does not accept that method.",
    cure: "Something other than the tab called it. If the tab did, a proxy changed the request's method.",
  },
  rate_limited: {
    status: 429,
    says: "Too many attempts. Wait a minute, then try again.",
    cure: "One address or person signs in again and again; the audit record names it. Behind a proxy, set ServiceSettings.TrustedProxyIPHeader to a header that the proxy overwrites, such as X-Real-IP, so that addresses are told apart and cannot be made up.",
  },
  sign_in_refused: {
    status: 401,
    says: "Microsoft's confirmation of who you are was not accepted.",
    cure: "Try again; if it persists, the precise reason is in the audit log under the request id, and on the Checks page.",
  },
  sign_in_unavailable: {
    status: 503,
    says: "Microsoft's sign-in keys cannot be reached at the moment. Try again shortly.",
    cure: "The server could not read the keys of your tenant. See the row 'Entra keys' on the Checks page: proxy, DNS and private CA are the usual reasons.",
  },
  no_account: {
    status: 403,
    says: "There is no Mattermost account for your Microsoft account.",
    cure: "Create the account with exactly the email address that the directory has for the person, or allow new accounts under Sign-in.",
  },
  account_deactivated: {
    status: 403,
    says: "Your Mattermost account is deactivated.",
    cure: "Activate the account under System Console > User Management > Users; the link to the Microsoft account is still there.",
  },
  account_conflict: {
    status: 403,
    says: "Your Mattermost account belongs to another Microsoft account. Ask your Mattermost admin.",
    cure: "Look for the person on the page Links. If the link is out of date, for instance because the person left and came back, unlink it; the next sign-in makes a new link.",
  },
  email_unverified: {
    status: 403,
    says: "The email address of your Mattermost account is not confirmed yet. Confirm it first, then try again.",
    cure: "Let the person confirm the address, or mark it as verified with mmctl user verify. Anybody could have registered the account in advance.",
  },
  email_domain_refused: {
    status: 403,
    says: "Accounts of your email domain sign in outside Microsoft 365.",
    cure: "Add the domain to Allowed email domains under Sign-in, or leave the field empty to allow all.",
  },
  guest_refused: {
    status: 403,
    says: "Guests of this organisation sign in to Mattermost outside Microsoft 365.",
    cure: "Allow guests under Sign-in if people of other organisations shall be signed in by their guest account.",
  },
  system_admin_refused: {
    status: 403,
    says: "System admins sign in to this Mattermost server directly.",
    cure: "System admins need a link that the directory confirmed: grant User.Read, unlink the account, and sign in again; or change System admins under Sign-in.",
  },
  mfa_required: {
    status: 403,
    says: "Your Mattermost account asks for a second factor. Sign in with your password and code.",
    cure: "The token did not say that a second factor was used. Let Conditional Access demand one, or trust Entra's own policies under Sign-in.",
  },
  directory_unavailable: {
    status: 503,
    says: "Microsoft 365 cannot confirm your email address at the moment. Try again shortly.",
    cure: "The first sign-in of a person reads the directory with User.Read. See the rows 'Credential', 'Consent for sign-in' and 'Way to Microsoft' on the Checks page: client secret, consent and network are the usual reasons.",
  },
  not_signed_in: {
    status: 401,
    says: "Sign in to Mattermost first.",
    cure: "The Mattermost session of this browser has ended.",
  },
  not_allowed: {
    status: 403,
    says: "Only system admins may do this.",
    cure: "Sign in with an account that has the manage_system permission.",
  },
  not_found: {
    status: 404,
    says: "There is nothing at this address.",
    cure: "Check the link. After an upgrade, reload the page.",
  },
  app_package_incomplete: {
    status: 422,
    says: "The app package cannot be made yet.",
    cure: "The answer lists each setting to fix; all of them are on the page Teams app.",
  },
  microsoft_unreachable: {
    status: 503,
    says: "Microsoft 365 cannot be reached at the moment.",
    cure: "See the Checks page: proxy, DNS, private CA and the cloud's addresses are the usual reasons.",
  },
  credential_refused: {
    status: 502,
    says: "Microsoft 365 did not accept this server's credential.",
    cure: "Entra's own number is beside this message: look it up at https://login.microsoftonline.com/error, and compare tenant, client and credential.",
  },
  secret_wrong: {
    status: 502,
    says: "Microsoft 365 did not accept this server's credential.",
    cure: "The client secret is wrong. Copy the value of the secret, not its ID, under Certificates & secrets of the app registration; it is shown only once.",
  },
  secret_expired: {
    status: 502,
    says: "Microsoft 365 did not accept this server's credential.",
    cure: "The client secret has expired. Create a new one under Certificates & secrets of the app registration and paste its value.",
  },
  certificate_refused: {
    status: 502,
    says: "Microsoft 365 did not accept this server's credential.",
    cure: "The certificate is not one of the registration, or has expired. Upload it under Certificates & secrets, and compare the clock of the server.",
  },
  federation_unknown: {
    status: 502,
    says: "Microsoft 365 did not accept this server's credential.",
    cure: "No federated credential of the registration fits the token file. Compare issuer, subject and audience under Certificates & secrets > Federated credentials.",
  },
  credential_unusable: {
    status: 502,
    says: "This server's credential for Microsoft 365 cannot be used.",
    cure: "The certificate, its key or the token file cannot be used for signing in, and no other credential is set. The reason is at the field under Connect to Microsoft.",
  },
  app_unknown: {
    status: 502,
    says: "Microsoft 365 does not know this server's app registration.",
    cure: "The tenant has no such app. Compare the Application (client) ID, the tenant ID and the cloud with the overview page of the registration, or run the set-up.",
  },
  app_disabled: {
    status: 502,
    says: "This server's app is disabled in Microsoft 365.",
    cure: "Enable the app in Entra under Enterprise applications > Properties > Enabled for users to sign in.",
  },
  tenant_unknown: {
    status: 503,
    says: "This Mattermost server names a Microsoft directory that does not exist. Ask your Mattermost admin.",
    cure: "Microsoft answered that there is no such tenant in this cloud. Compare the Directory (tenant) ID with the overview page of the app registration, and the cloud.",
  },
  cloud_wrong: {
    status: 502,
    says: "This Mattermost server asks the wrong Microsoft cloud. Ask your Mattermost admin.",
    cure: "The tenant belongs to another Microsoft cloud. Choose it under Connect to Microsoft and save.",
  },
  audience_wrong: {
    status: 502,
    says: "The app in Teams and this server do not fit together. Ask your Mattermost admin.",
    cure: "The token was made for another app registration. Compare the Application ID URI of the registration with the one on the page Connect to Microsoft, and upload the current app package.",
  },
  consent_missing: {
    status: 403,
    says: "Your organisation has not allowed this app yet. Ask your Microsoft 365 admin.",
    cure: "Grant admin consent in Entra: App registrations > API permissions > Grant admin consent, or run the set-up.",
  },
  conditional_access_blocks: {
    status: 403,
    says: "A rule of your organisation does not let you use this app here.",
    cure: "A Conditional Access policy blocks it; consent would not help. Entra > Sign-in logs names the policy: exclude the app from it, or meet its conditions (location, app, risk). For the server's own sign-in look under workload identities.",
  },
  device_refused: {
    status: 403,
    says: "A rule of your organisation does not let you use this app on this device.",
    cure: "Conditional Access asks for a compliant or joined device, which a server cannot show for the person. Exclude the app Mattermost from that condition for Microsoft Graph, or choose From the directory, else from the token under Email of a first sign-in.",
  },
  microsoft_mfa_needed: {
    status: 403,
    says: "Your organisation asks for a second factor that this sign-in did not have. Sign in to Microsoft 365 again.",
    cure: "A Conditional Access policy asks for a second factor; consent would not help. Let the policy ask at the sign-in to Teams already (target all resources), or exclude this app from it.",
  },
  microsoft_mfa_enrolment: {
    status: 403,
    says: "Your organisation asks you to register a second factor first. Open https://aka.ms/mfasetup, then try again.",
    cure: "The person has not registered a second factor yet. They do that at https://aka.ms/mfasetup (each cloud has its own address).",
  },
  microsoft_account_blocked: {
    status: 403,
    says: "Your Microsoft account cannot sign in at the moment. Ask your Microsoft 365 admin.",
    cure: "Entra says that the account is disabled, locked, at risk, or not of this tenant. Look at the person under Users and at their sign-in logs.",
  },
  person_not_assigned: {
    status: 403,
    says: "Your organisation has not assigned this app to you. Ask your Microsoft 365 admin.",
    cure: "The enterprise application requires assignment. Assign the person or a group under Enterprise applications > Users and groups, or switch Assignment required off.",
  },
  microsoft_sign_in_expired: {
    status: 401,
    says: "Your Microsoft sign-in has expired. Sign in to Microsoft 365 again.",
    cure: "Entra has revoked the person's session, or it is too old. They sign in to Teams again; compare the clock of the server if it happens to everybody.",
  },
  directory_refused: {
    status: 403,
    says: "Microsoft 365 does not let this server confirm your email address. Ask your Mattermost admin.",
    cure: "Entra refused the directory look-up; trying again does not help. The row 'Consent for sign-in' on the Checks page says why and what to do.",
  },
  catalog_app_missing: {
    status: 424,
    says: "The Mattermost app is not in your organisation's Teams catalog yet.",
    cure: "Upload the app package in the Teams admin center (Teams apps > Manage apps > Upload new app), and grant AppCatalog.Read.All with admin consent so that the plugin can find it.",
  },
  sign_in_unknown: {
    status: 409,
    says: "The Microsoft sign-in of this dialog has ended.",
    cure: "Start the dialog again. In a cluster, requests of one browser must reach the same node (sticky sessions).",
  },
  microsoft_refused: {
    status: 424,
    says: "Microsoft refused the request.",
    cure: "The answer names Microsoft's own reason. Missing rights of the signed-in Microsoft account are the usual one.",
  },
  settings_locked: {
    status: 409,
    says: "The settings cannot be saved from here.",
    cure: "The configuration is read-only or comes from the environment: put the shown values there.",
  },
  not_connected: {
    status: 409,
    says: "Connect your Microsoft 365 account first.",
    cure: "The person runs /msteams connect, or opens the plugin's panel in their settings.",
  },
  connection_lost: {
    status: 409,
    says: "The connection to your Microsoft 365 account has ended. Connect it again.",
    cure: "Microsoft refused the person's refresh token: a changed password, a policy, or 90 days without use. The person runs /msteams connect.",
  },
  consent_required: {
    status: 409,
    says: "Microsoft 365 needs your agreement first.",
    cure: "Grant the delegated permissions of the enabled features with admin consent, or let the person agree in the pop-up.",
  },
  connect_refused: {
    status: 403,
    says: "Your Microsoft 365 account cannot be connected.",
    cure: "The audit record names the reason: no free seat, not on the list, a guest or a bot, another address, or an account that belongs to somebody else.",
  },
  encryption_unavailable: {
    status: 503,
    says: "Connected accounts are not available at the moment.",
    cure: "The encryption key is missing or is not the one that sealed the stored data. Put the old key into Previous encryption key under Connect to Microsoft; nobody has to connect again.",
  },
  accounts_list_invalid: {
    status: 400,
    says: "The list was not taken, and the list before it is unchanged.",
    cure: "The file needs one column with the header Email. The answer names the lines that could not be read; at most ten addresses may be unknown.",
  },
  // Errors of calendar events.
  event_fields: {
    status: 400,
    says: "Some fields need another value.",
    cure: "The answer has a code for each field. Times are wall times without an offset in the given zone, all-day events are dates.",
  },
  event_gone: {
    status: 404,
    says: "This event is not in your calendar any more. It was moved, cancelled or deleted.",
    cure: "Outlook gives an event another id when it moves between mailboxes. The person opens the event in Outlook.",
  },
  event_own: {
    status: 409,
    says: "You organise this event, so there is nothing to answer.",
    cure: "Only invitations of other people can be answered.",
  },
  event_cancelled: {
    status: 409,
    says: "This event was cancelled.",
    cure: "A cancelled event can no longer be answered. The person removes it in Outlook.",
  },
  event_past: {
    status: 409,
    says: "This event is over.",
    cure: "An event that has ended can no longer be answered.",
  },
  event_no_response: {
    status: 409,
    says: "The organiser of this event asked for no answer, so no comment and no other time can be sent.",
    cure: "Answer without a comment and without another time.",
  },
  event_no_proposals: {
    status: 409,
    says: "The organiser of this event does not take proposals for another time.",
    cure: "Answer without another time, or write to the organiser.",
  },
  event_access: {
    status: 403,
    says: "Microsoft 365 does not allow this in your calendar.",
    cure: "The delegated permission Calendars.ReadWrite is missing, or a policy keeps this app out of the mailbox. See the row 'Calendars can be read' on the Checks page.",
  },
  event_channel: {
    status: 403,
    says: "You may not post in this channel.",
    cure: "An event is linked to a channel by somebody who may post there. The channel may be archived.",
  },
  event_links_full: {
    status: 409,
    says: "You have linked 200 events to channels, and more are not possible. Unlink one that you no longer need: type /mscalendar unlink in its channel.",
    cure: "A member may link 200 events to channels. The link of an event ends 30 days after it, that of a series when the member unlinks it with /mscalendar unlink.",
  },
  event_no_mailbox: {
    status: 409,
    says: "Your Microsoft 365 account has no mailbox in the cloud, so it has no calendar here.",
    cure: "The account has no Exchange Online licence, or its mailbox is on a server of your own.",
  },
  event_conflict: {
    status: 409,
    says: "Somebody changed this event at the same time. Try again.",
    cure: "Exchange refused two changes at once. Try again.",
  },
  event_throttled: {
    status: 429,
    says: "Microsoft 365 asks us to wait a moment. Try again in a minute.",
    cure: "Exchange allows four requests at a time and 10,000 in ten minutes for each mailbox, of this app.",
  },
  event_refused: {
    status: 400,
    says: "Outlook did not accept this.",
    cure: "The log has Graph's code. Addresses, times and recurrence are the usual reasons.",
  },
  still_running: {
    status: 503,
    says: "An earlier request for this is still running. Wait a moment, then look at the result.",
    cure: "Another request for the same thing has run for more than 20 seconds, perhaps on another node. A slow or unreachable Microsoft 365 is the usual reason: see the Checks page.",
  },
  internal: {
    status: 500,
    says: "Something went wrong on the server.",
    cure: "Look for the request id in the Mattermost server log, and report it to us with those lines.",
  },
} as const satisfies Record<string, ErrorRow>;
