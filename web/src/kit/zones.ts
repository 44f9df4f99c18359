// The time zones that the browser knows, by their IANA names.
import type { Option } from "./Select.svelte";

export function zones(): Option[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => ({ value: zone, label: zone }));
}
