// What an administrator chooses for a plugin: grants, settings, secrets; the state behind the form.
import type { Asked, Choice, Json, Manifest } from "../api/plugins";
import { ApiFailure, wordsFor } from "../api/failure";
import { type Form, Unfit, formOf, hostOf, settingsOf } from "./schema";

const AT = "choice.";

export class Choosing {
  granted = $state<string[]>([]);
  form = $state.raw<Form>({});
  secrets = $state<Record<string, string>>({});
  forgotten = $state<string[]>([]);
  /** A control whose text is no value. */
  unfit = $state.raw<Unfit | null>(null);

  constructor(readonly manifest: Manifest, readonly asked: Asked[], granted: string[], configuration: Json | undefined, readonly kept: string[]) {
    this.granted = granted;
    this.form = formOf(this.schema, configuration);
  }

  get schema() {
    return this.manifest.config ?? {};
  }

  hostOf = (setting: string) => hostOf(this.form[setting]);

  /** Throws where a control holds what is no value; the error stands at the control then. */
  choice(): Choice {
    this.unfit = null;
    try {
      const secrets: Record<string, string | null> = Object.fromEntries(this.forgotten.map((name) => [name, null]));
      for (const [name, value] of Object.entries(this.secrets)) if (value) secrets[name] = value;
      return { configuration: settingsOf(this.schema, this.form), granted: this.granted, secrets };
    } catch (error) {
      if (error instanceof Unfit) this.unfit = error;
      throw error;
    }
  }

  /** The words for one setting or secret, when the failure names it or something inside it. */
  errorOf(error: unknown, part: "configuration" | "secrets", name: string): string | null {
    if (part === "configuration" && this.unfit?.setting === name) return this.unfit.message;
    const path = `${AT}${part}.${name}`;
    const isIt = error instanceof ApiFailure && (error.field === path || [".", "["].some((next) => error.field?.startsWith(path + next)));
    return isIt ? wordsFor(error) : null;
  }

  /** Whether the failure is shown at a control. */
  shows(error: unknown): boolean {
    if (error instanceof Unfit) return true;
    const names = [...Object.keys(this.schema.properties ?? {}).map((name) => ["configuration", name] as const), ...(this.manifest.secret ?? []).map((one) => ["secrets", one.name] as const)];
    return names.some(([part, name]) => this.errorOf(error, part, name) !== null);
  }
}
