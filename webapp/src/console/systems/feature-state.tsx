/**
 * Shown below the switch of a feature: the permissions it needs, the repair of the registration, and whether it
 * works.
 */

import * as React from "react";
import { Box } from "../box.tsx";
import { isUnsaved, liveValue, savedValue, useLive } from "../live.ts";
import { MicrosoftDialog } from "../microsoft-dialog.tsx";
import { goTo, isOpen } from "../navigation.ts";
import { SetupSteps } from "../panels/setup-panel.tsx";
import { Failure, LinkButton } from "../parts.tsx";
import { PermissionTable } from "../permission-table.tsx";
import { t } from "../translate.ts";
import { readSystem, runChecks, type SystemCard } from "./api.ts";
import { FailingLines, HealthMark, TroubleList } from "./parts.tsx";
import { refreshSystems, usePolledState } from "./polled-state.ts";
import { styles } from "./styles.ts";
import { words } from "./words.ts";

/** The plugin gets new settings within seconds, and then runs its checks. */
const SETTLING_MS = 60_000;

const isOnIn = (value: unknown): boolean => value === true || value === "true";

export function FeatureState({ id, setting }: { id: string; setting: string }): React.ReactElement | null {
  useLive();
  const saved = isOnIn(savedValue(setting));
  const wanted = isOnIn(liveValue(setting));
  const isSettling = useSettling(saved);
  const { action, press, state } = usePolledState(isOpen("features"), () => readSystem(id), isSettling);
  if (!wanted && !saved) return null;
  const system = state?.system;
  return (
    <div className="mc-part" data-part={`state-${id}`} data-system={id} data-health={system?.health}>
      <style>{styles}</style>
      <Failure error={action.error} />
      {isUnsaved(setting) && <p className="mc-needed">{words()(wanted ? "saveFirst" : "saveOff")}</p>}
      {system && !isUnsaved(setting) && (
        <Saved
          system={system}
          isChecking={isSettling || state.checking}
          repaired={() =>
            void press(async () => {
              await runChecks();
              refreshSystems();
              return readSystem(id);
            })
          }
        />
      )}
      {system && wanted && <Permissions permissions={system.permissions} />}
    </div>
  );
}

/** True for a while after the saved value has changed. */
function useSettling(saved: boolean): boolean {
  const before = React.useRef(saved);
  const [until, setUntil] = React.useState(0);
  React.useEffect(() => {
    if (before.current === saved) return;
    before.current = saved;
    setUntil(Date.now() + SETTLING_MS);
    const timer = setTimeout(() => setUntil(0), SETTLING_MS);
    return () => clearTimeout(timer);
  }, [saved]);
  return until > 0;
}

interface SavedProps {
  readonly system: SystemCard;
  readonly isChecking: boolean;
  readonly repaired: () => void;
}

function Saved({ isChecking, repaired, system }: SavedProps): React.ReactElement {
  const { failing, page, health, title, trouble } = system;
  const say = words();
  const needsRepair = trouble.some(({ place }) => place?.part === "setup");
  const [wasBroken, setWasBroken] = React.useState(needsRepair);
  React.useEffect(() => {
    if (needsRepair) setWasBroken(true);
  }, [needsRepair]);
  return (
    <>
      <p role="status">
        <HealthMark health={health} /> {isChecking && health !== "working" && t("checks.running")}
      </p>
      <TroubleList trouble={trouble.filter(({ place }) => place?.part !== "setup")} />
      <TroubleList trouble={trouble.filter(({ place }) => place?.part === "setup")} here="connect" />
      {/* Stays after the repair, to show what was done. */}
      {(needsRepair || wasBroken) && (
        <MicrosoftDialog purpose="setup" button={say("repair")} isBrief>
          {(dialog) => <SetupSteps {...dialog} onDone={repaired} />}
        </MicrosoftDialog>
      )}
      <FailingLines failing={failing} />
      <p>
        <LinkButton onClick={() => goTo({ page })}>{say("details", { title })}</LinkButton>
      </p>
    </>
  );
}

function Permissions({ permissions }: Pick<SystemCard, "permissions">): React.ReactElement {
  const say = words();
  const missing = permissions.filter((one) => one.missing).length;
  return (
    <>
      <p data-permission-names="">
        {say.count("needs", permissions.length)}{" "}
        {[...new Set(permissions.map(({ name }) => name))].map((name) => (
          <React.Fragment key={name}>
            <code>{name}</code>{" "}
          </React.Fragment>
        ))}
        {missing > 0 && say.count("missing", missing)}
      </p>
      <Box title={t("permissions.title")}>
        <PermissionTable rows={permissions} />
      </Box>
    </>
  );
}
