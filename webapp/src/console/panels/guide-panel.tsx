/** Registering by hand: every value ready to copy, and two scripts that do it. */

import * as React from "react";
import { get } from "../api.ts";
import { Box } from "../box.tsx";
import { CopyButton, CopyValue, Failure, useAction } from "../parts.tsx";
import { type Permission, PermissionTable } from "../permission-table.tsx";
import { t } from "../translate.ts";

interface Guide {
  readonly portalUrl: string;
  readonly displayName: string;
  readonly applicationIdUri: string;
  readonly scope: string;
  readonly tokenVersion: number;
  readonly clientIds: readonly string[];
  readonly delegated: readonly string[];
  readonly roles: readonly string[];
  readonly redirectUris: readonly string[];
  readonly claims: readonly string[];
  readonly permissions: readonly Permission[];
  readonly azureCli: string;
  readonly powerShell: string;
}

export function GuidePanel(): React.ReactElement {
  const action = useAction();
  const [guide, setGuide] = React.useState<Guide | null>(null);
  const open = () => void action.run(async () => setGuide(await get<Guide>("/api/v1/admin/setup/guide")));
  return (
    <Box title={t("guide.title")} part="guide" onOpen={open}>
      <Failure error={action.error} />
      {guide && (
        <>
          <ol className="mc-steps">
            <li>
              <p>
                {t("guide.register")}{" "}
                <a href={guide.portalUrl} target="_blank" rel="noreferrer">
                  {guide.portalUrl}
                </a>
              </p>
              <CopyValue what={t("guide.name")} value={guide.displayName} />
            </li>
            <li>
              <p>{t("guide.version", { version: guide.tokenVersion })}</p>
            </li>
            <li>
              <p>{t("guide.expose")}</p>
              <CopyValue what={t("guide.uri")} value={guide.applicationIdUri} />
              <CopyValue what={t("guide.scope")} value={guide.scope} />
            </li>
            <li>
              <p>{t("guide.clients")}</p>
              {guide.clientIds.map((id) => (
                <CopyValue key={id} what={t("guide.client")} value={id} />
              ))}
            </li>
            <li>
              <p>{t("guide.claims", { claims: guide.claims.join(", ") })}</p>
            </li>
            {guide.redirectUris.length > 0 && (
              <li>
                <p>{t("guide.redirect")}</p>
                {guide.redirectUris.map((uri) => (
                  <CopyValue key={uri} what={t("setup.kind.redirect_uri")} value={uri} />
                ))}
              </li>
            )}
            <li>
              <p>
                {t("guide.permissions", {
                  delegated: guide.delegated.join(", "),
                  application: guide.roles.join(", "),
                })}
              </p>
              <PermissionTable rows={guide.permissions} />
            </li>
            <li>
              <p>{t("guide.secret")}</p>
            </li>
          </ol>
          <Script title="Azure CLI" text={guide.azureCli} />
          <Script title="Graph PowerShell" text={guide.powerShell} />
        </>
      )}
    </Box>
  );
}

function Script({ title, text }: { title: string; text: string }): React.ReactElement {
  return (
    <Box title={title} part={`script ${title}`}>
      <CopyButton value={text} what={title} />
      {/* Focusable by keyboard, because it scrolls. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region needs a tab stop */}
      <pre className="mc-code" tabIndex={0}>
        {text}
      </pre>
    </Box>
  );
}
