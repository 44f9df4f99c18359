// Why a run of a client's script failed, in the language of the page.
import { invalidWords } from "./invalid";

/** The server's sentence, with or without its place. */
export const failureWords = (said: string): string => invalidWords(said);
