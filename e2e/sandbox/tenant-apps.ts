/** App registrations of the tenant and their service principals. */

export interface Application {
  /** Object id, used in /applications/{id}. */
  readonly id: string;
  /** Client id. */
  readonly appId: string;
  displayName: string;
  identifierUris: string[];
  signInAudience: string;
  api: {
    requestedAccessTokenVersion: number | null;
    oauth2PermissionScopes: { id: string; value: string; isEnabled?: boolean; [key: string]: unknown }[];
    preAuthorizedApplications: { appId: string; delegatedPermissionIds: string[] }[];
  };
  requiredResourceAccess: { resourceAppId: string; resourceAccess: { id: string; type: string }[] }[];
  /** Addresses to which Entra may redirect people after the sign-in (platform Web). */
  redirectUris?: string[];
  optionalClaims: unknown;
  passwordCredentials: { keyId: string; displayName: string; hint: string; endDateTime: string }[];
  keyCredentials: { keyId: string; displayName: string; key: string; endDateTime: string }[];
  federatedIdentityCredentials: {
    id: string;
    name: string;
    issuer: string;
    subject: string;
    audiences: string[];
  }[];
}

export interface ServicePrincipal {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly appRoles: { id: string; value: string }[];
  readonly oauth2PermissionScopes: { id: string; value: string }[];
}
