/** A replacement for useSyncExternalStore, which React 17 does not have. */

import { useEffect, useState } from "react";

/** Both functions must stay the same between two renderings. */
export function useStore<T>(subscribe: (listener: () => void) => () => void, read: () => T): T {
  const [value, setValue] = useState(read);
  useEffect(() => {
    const changed = () => setValue(() => read());
    changed();
    return subscribe(changed);
  }, [subscribe, read]);
  return value;
}
