/** The colours are the host's variables, so light and dark themes both fit. */
export const styles = `
.mc-systems { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 16px; margin: 16px 0; padding: 0; list-style: none; }
.mc-system { display: flex; flex-direction: column; gap: 8px; padding: 16px; border: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .16); border-inline-start-width: 4px; border-radius: 4px; min-width: 0; }
.mc-system[data-health=working] { border-inline-start-color: #1b7a50; }
.mc-system[data-health=attention] { border-inline-start-color: #e0a100; }
.mc-system[data-health=broken] { border-inline-start-color: #b3261e; }
.mc-console .mc-panel .mc-system-head { display: flex; flex-wrap: wrap; gap: 8px; justify-content: space-between; align-items: center; margin: 0; }
.mc-system-head h3, .mc-console .mc-panel .mc-system-head h3 { margin: 0; padding: 0; }
.mc-system-foot { margin: auto 0 0; padding-top: 8px; }
.mc-figures { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 4px 12px; margin: 0; max-width: 480px; }
.mc-figures dt { font-weight: 400; }
.mc-figures dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; text-align: end; }
.mc-troubles { margin: 0; padding: 0; list-style: none; overflow-wrap: anywhere; }
.mc-troubles li { margin: 0 0 8px; padding-inline-start: 12px; border-inline-start: 3px solid #e0a100; }
.mc-troubles li[data-state=problem] { border-inline-start-color: #b3261e; }
.mc-todo { margin: 16px 0; }
.mc-skeleton { min-height: 160px; background: rgba(var(--center-channel-color-rgb, 61,60,64), .06); }
.mc-state-off { color: #5b5b66; } .mc-state-off::before { content: "– "; }
.mc-verdict { margin: 8px 0; }
`;
