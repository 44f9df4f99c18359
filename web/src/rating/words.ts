// What scores are called.
import { m } from "$m";

export const SCORES = [1, 2, 3, 4, 5] as const;

const WORDS: Record<number, () => string> = {
  1: m.rating_score_1, 2: m.rating_score_2, 3: m.rating_score_3, 4: m.rating_score_4, 5: m.rating_score_5,
};
export const scoreWord = (score: number) => WORDS[score]?.() ?? String(score);
