// The steps of a new client, and which of them are done: everything is on the desk, so it can be left and taken up.
import { m } from "$m";

export const STEPS = ["client", "pack", "words", "needs", "publish", "ticket"] as const;
export type StepKey = (typeof STEPS)[number];
export interface Stand {
  hasClient: boolean;
  hasPack: boolean;
  isPublished: boolean;
  /** What is needed and is not there; `null`: not read yet. */
  missing: number | null;
  hasTicket: boolean;
}

export const stepName = (step: StepKey): string =>
  ({
    client: m.onboarding_client, pack: m.onboarding_pack, words: m.onboarding_words, needs: m.onboarding_needs,
    publish: m.onboarding_publish, ticket: m.onboarding_ticket,
  })[step]();

export function isDone(step: StepKey, stand: Stand): boolean {
  switch (step) {
    case "client": return stand.hasClient;
    case "pack": return stand.hasPack;
    // Nothing of it must be changed: it is done with when what follows is.
    case "words": return stand.isPublished;
    case "needs": return stand.hasPack && stand.missing === 0;
    case "publish": return stand.isPublished;
    case "ticket": return stand.hasTicket;
  }
}
export function mayOpen(step: StepKey, stand: Stand): boolean {
  if (step === "client") return true;
  if (step === "pack") return stand.hasClient;
  return step === "ticket" ? stand.isPublished : stand.hasPack;
}
/** Where somebody goes on who says nothing. */
export function nextStep(stand: Stand): StepKey {
  if (!stand.hasClient) return "client";
  if (!stand.hasPack) return "pack";
  return stand.isPublished ? "ticket" : "words";
}
export function asked(query: string | null, stand: Stand): StepKey {
  const found = STEPS.find((step) => step === query);
  return found && mayOpen(found, stand) ? found : nextStep(stand);
}
