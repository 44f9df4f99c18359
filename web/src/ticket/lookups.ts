// Contacts, machines and sites of a client, found by what somebody types.
import { listAssets, listContacts, listSites } from "../api/records";
import type { Option } from "../kit/Select.svelte";

type Lookup = (words: string) => Promise<Option[]>;
const FOUND_MAX = "50";
const spoken = (parts: (string | null | undefined)[]) => parts.filter(Boolean).join(" · ");

export function placesOf(client: string): Record<"contact" | "asset" | "site", Lookup> {
  const query = (q: string) => ({ client, q, limit: FOUND_MAX });
  return {
    contact: async (q) => (await listContacts(query(q))).items.map((one) => ({ value: one.id, label: spoken([one.name, one.phone]) })),
    asset: async (q) => (await listAssets(query(q))).items.map((one) => ({ value: one.id, label: spoken([one.tag, one.model, one.city]) })),
    site: async (q) => (await listSites(query(q))).items.map((one) => ({ value: one.id, label: `${one.city}, ${one.name}` })),
  };
}
