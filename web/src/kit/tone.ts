// The few things that colour may say; each has a shape of its own in `Pill`.

export type Tone = "neutral" | "active" | "on-time" | "at-risk" | "overdue" | "waiting";
