/**
 * Prints the set-up as scripts with the same steps, for admins who do not let another program change their tenant.
 */

import { type CloudName, hostClientIds } from "../../microsoft/config/index.ts";
import { SCOPE } from "../../microsoft/entra/verify-tab-token.ts";
import { GRAPH_APP_ID } from "../../microsoft/graph/applications.ts";
import { CLAIMS, type RegistrationNeeds } from "./plan.ts";

export interface ScriptInput extends RegistrationNeeds {
  readonly cloud: CloudName;
  readonly hostname: string;
  readonly displayName: string;
  readonly tenantId: string;
  readonly secretMonths: number;
  readonly moreClientIds: readonly string[];
}

/** Names for `az cloud set`; Azure CLI has no other clouds. */
const azureClouds: Readonly<Record<CloudName, string>> = {
  commercial: "AzureCloud",
  gcchigh: "AzureUSGovernment",
  dod: "AzureUSGovernment",
  china: "AzureChinaCloud",
  custom: "",
};

/** Names for `Connect-MgGraph -Environment`. */
const graphEnvironments: Readonly<Record<CloudName, string>> = {
  commercial: "Global",
  gcchigh: "USGov",
  dod: "USGovDoD",
  china: "China",
  custom: "",
};

const graphHosts: Readonly<Record<CloudName, string>> = {
  commercial: "https://graph.microsoft.com",
  gcchigh: "https://graph.microsoft.us",
  dod: "https://dod-graph.microsoft.us",
  china: "https://microsoftgraph.chinacloudapi.cn",
  custom: "",
};

/** For bash. Values are in single quotes, so that nothing in a name is executed. */
export function azureCliScript(input: ScriptInput): string {
  const redirects = input.redirectUris;
  const clients = [...hostClientIds, ...input.moreClientIds];
  const years = Math.max(1, Math.round(input.secretMonths / 12));
  return `#!/usr/bin/env bash
# Makes the app registration of Mission Collaboration for Microsoft 365 with Azure CLI.
# Needs: az 2.60 or later, signed in as Application Administrator; the consent at the end needs a
# Privileged Role Administrator or Global Administrator.
set -euo pipefail

name=${sh(input.displayName)}
host=${sh(input.hostname)}
${input.cloud === "custom" ? "# A custom cloud: az cloud register … first." : `az cloud set --name ${azureClouds[input.cloud]}`}
az login --allow-no-subscriptions${input.tenantId === "" ? "" : ` --tenant ${sh(input.tenantId)}`} >/dev/null
graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=\${graph%/}
${input.cloud === "dod" ? `graph=${sh(graphHosts.dod)} # az knows one host for both US government clouds\n` : ""}
app_id=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)
object_id=$(az ad app show --id "$app_id" --query id --output tsv)
scope_id=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)
patch() { az rest --method PATCH --url "$graph/v1.0/applications/$object_id" --body "$1"; }
scope='{"id":"'$scope_id'","value":"${SCOPE}","type":"User","isEnabled":true,
  "adminConsentDisplayName":"Sign in to Mattermost","adminConsentDescription":"Lets Microsoft 365 sign people in to Mattermost.",
  "userConsentDisplayName":"Sign in to Mattermost","userConsentDescription":"Lets Microsoft 365 sign you in to Mattermost."}'

# Version 2 tokens first: some tenants accept the Application ID URI only then.
patch '{"api":{"requestedAccessTokenVersion":2,"oauth2PermissionScopes":['"$scope"']}}'
patch '{"identifierUris":["api://'"$host"'/'"$app_id"'"]}'
clients=""
for client in ${clients.map(sh).join(" ")}; do
  clients="$clients\${clients:+,}"'{"appId":"'$client'","delegatedPermissionIds":["'$scope_id'"]}'
done
patch '{"api":{"requestedAccessTokenVersion":2,"oauth2PermissionScopes":['"$scope"'],"preAuthorizedApplications":['"$clients"']}}'
patch '{"optionalClaims":{"accessToken":[${CLAIMS.map((name) => `{"name":"${name}"}`).join(",")}]}}'
${redirects.length > 0 ? `patch '{"web":{"redirectUris":[${redirects.map((uri) => `"${uri}"`).join(",")}]}}'\n` : ""}
# Ids of permissions are looked up: they differ between clouds.
az ad sp create --id "$app_id" >/dev/null
graph_app=${GRAPH_APP_ID}
permission() { az ad sp show --id $graph_app --query "$1[?value=='$2'].id | [0]" --output tsv; }
az ad app permission add --id "$app_id" --api $graph_app --api-permissions \\
${[
  ...input.delegated.map((name) => `  "$(permission oauth2PermissionScopes ${name})=Scope"`),
  ...input.roles.map((name) => `  "$(permission appRoles ${name})=Role"`),
].join(" \\\n")}
az ad app permission admin-consent --id "$app_id"

secret=$(az ad app credential reset --id "$app_id" --display-name Mattermost --years ${years} --append --query password --output tsv)
echo "Directory (tenant) ID:   $(az account show --query tenantId --output tsv)"
echo "Application (client) ID: $app_id"
echo "Client secret:           $secret"
`;
}

/** For PowerShell 7 with the module Microsoft.Graph. */
export function graphPowerShellScript(input: ScriptInput): string {
  const redirects = input.redirectUris;
  const clients = [...hostClientIds, ...input.moreClientIds];
  const connect =
    input.cloud === "custom"
      ? "# A custom cloud: Add-MgEnvironment -Name Own -AzureADEndpoint … -GraphEndpoint … first.\nConnect-MgGraph -Environment Own"
      : `Connect-MgGraph -Environment ${graphEnvironments[input.cloud]}`;
  return `# Makes the app registration of Mission Collaboration for Microsoft 365 with Graph PowerShell.
# Needs: Install-Module Microsoft.Graph; a Privileged Role Administrator or Global Administrator.
$ErrorActionPreference = 'Stop'
$name = ${ps(input.displayName)}
$siteHost = ${ps(input.hostname)}
${connect}${input.tenantId === "" ? "" : ` -TenantId ${ps(input.tenantId)}`} -Scopes Application.ReadWrite.All, AppRoleAssignment.ReadWrite.All, DelegatedPermissionGrant.ReadWrite.All

# Version 2 tokens first: some tenants accept the Application ID URI only then.
$app = New-MgApplication -DisplayName $name -SignInAudience AzureADMyOrg -Api @{ RequestedAccessTokenVersion = 2 }
Update-MgApplication -ApplicationId $app.Id -IdentifierUris @("api://$siteHost/$($app.AppId)")
$scope = @{
  Id = [guid]::NewGuid(); Value = '${SCOPE}'; Type = 'User'; IsEnabled = $true
  AdminConsentDisplayName = 'Sign in to Mattermost'; AdminConsentDescription = 'Lets Microsoft 365 sign people in to Mattermost.'
  UserConsentDisplayName = 'Sign in to Mattermost'; UserConsentDescription = 'Lets Microsoft 365 sign you in to Mattermost.'
}
Update-MgApplication -ApplicationId $app.Id -Api @{ RequestedAccessTokenVersion = 2; Oauth2PermissionScopes = @($scope) }
$clients = @(
${clients.map((id) => `  ${ps(id)}`).join("\n")}
) | ForEach-Object { @{ AppId = $_; DelegatedPermissionIds = @($scope.Id.ToString()) } }
Update-MgApplication -ApplicationId $app.Id -Api @{ RequestedAccessTokenVersion = 2; Oauth2PermissionScopes = @($scope); PreAuthorizedApplications = $clients }
Update-MgApplication -ApplicationId $app.Id -OptionalClaims @{ AccessToken = @(${CLAIMS.map((name) => `@{ Name = '${name}' }`).join(", ")}) }
${redirects.length > 0 ? `Update-MgApplication -ApplicationId $app.Id -Web @{ RedirectUris = @(${redirects.map(ps).join(", ")}) }\n` : ""}
# Ids of permissions are looked up: they differ between clouds.
$graph = Get-MgServicePrincipal -Filter "appId eq '${GRAPH_APP_ID}'"
$roles = $graph.AppRoles | Where-Object Value -in ${input.roles.map(ps).join(", ")}
$delegated = $graph.Oauth2PermissionScopes | Where-Object Value -in ${input.delegated.map(ps).join(", ")}
$access = @($delegated | ForEach-Object { @{ Id = $_.Id; Type = 'Scope' } }) + @($roles | ForEach-Object { @{ Id = $_.Id; Type = 'Role' } })
Update-MgApplication -ApplicationId $app.Id -RequiredResourceAccess @(@{ ResourceAppId = '${GRAPH_APP_ID}'; ResourceAccess = $access })

$principal = New-MgServicePrincipal -AppId $app.AppId
foreach ($role in $roles) {
  New-MgServicePrincipalAppRoleAssignedTo -ServicePrincipalId $graph.Id -PrincipalId $principal.Id -ResourceId $graph.Id -AppRoleId $role.Id | Out-Null
}
New-MgOauth2PermissionGrant -BodyParameter @{ ClientId = $principal.Id; ConsentType = 'AllPrincipals'; ResourceId = $graph.Id; Scope = '${input.delegated.join(" ")}' } | Out-Null

$secret = Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential @{ DisplayName = 'Mattermost'; EndDateTime = (Get-Date).AddMonths(${input.secretMonths}) }
"Directory (tenant) ID:   $((Get-MgContext).TenantId)"
"Application (client) ID: $($app.AppId)"
"Client secret:           $($secret.SecretText)"
`;
}

const sh = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const ps = (text: string): string => `'${text.replaceAll("'", "''")}'`;
