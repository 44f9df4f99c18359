// Shapes shared by several screens, as the API documents them.

export type Level = "high" | "medium" | "low";
export type Phase = "new" | "open" | "resolved" | "closed";
export type WaitsFor = "client" | "part" | "approval" | "third_party";
export type Visibility = "public" | "internal";
export type LinkKind = "child_of" | "duplicate_of" | "caused_by" | "related";
export type Stage = "offered" | "accepted" | "on_the_way" | "arrived" | "done" | "refused" | "could_not" | "cancelled" | "no_show";

/** One word in each language the pack gives it in. */
export type Label = Record<string, string>;
