// Plugins: packages in the desk, publishers' keys, and where each plugin is installed with what was granted.
import { type Done, get, post, sendBytes } from "./client";
import type { Actor } from "./tickets";
import type { Label } from "./types";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The part of JSON Schema that manifests use. */
export interface Schema {
  type?: string | string[];
  title?: string | Label;
  description?: string | Label;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  enum?: Json[];
  default?: Json;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
}
export interface Manifest {
  description?: Label;
  config?: Schema;
  function?: { name: string; description?: Label; input?: Schema }[];
  secret?: { name: string; title?: Label; optional?: boolean }[];
}
export interface Package {
  sha256: string;
  plugin: string;
  version: string;
  publisher: string;
  title: Label;
  /** `trusted`, `unknown_key`, `modified`, `unreadable`, `unsigned`. */
  signature: string;
  key_id: string | null;
  key_name: string | null;
  is_verified: boolean;
  bytes: number;
  stored_at: string;
  clients: string[];
  manifest: Manifest;
}
export interface Asked {
  id: string;
  kind: "host" | "event" | "field" | "command" | "webhook" | "poll" | "kv" | "blob";
  value: string;
  setting: string | null;
  why: Label | null;
  is_granted: boolean;
  is_beyond_ceiling: boolean;
}
export interface Limits {
  memory_bytes: number;
  guest_ms: number;
  wall_ms: number;
}
export interface PackagePage extends Package {
  asked: Asked[];
  limits: Limits;
}
export interface Installation {
  id: string;
  client: string;
  plugin: string;
  package_sha256: string;
  package_version: string;
  publisher: string;
  title: Label;
  signature: string;
  configuration: Json;
  secret_names: string[];
  is_enabled: boolean;
  update_waits: boolean;
  version: number;
}
export interface PluginChange {
  id: string;
  kind: string;
  package_sha256: string;
  package_version: string;
  by: Actor;
  at: string;
}
export interface Difference {
  more: Asked[];
  less: Asked[];
  secrets: string[];
  settings: string | null;
  lost_functions: string[];
  is_harmless: boolean;
}
export interface InstallationPage extends Installation {
  package: Package;
  history: PluginChange[];
  former: string[];
  update: { package: Package; by: Actor; asked_at: string } | null;
  others: Package[];
  is_called_by_script: boolean;
  asked: Asked[];
  limits: Limits;
  difference: Difference | null;
  asked_by_update: Asked[];
}
export interface Choice {
  configuration: Json;
  granted: string[];
  /** A value sets, `null` forgets; what is not named stays. */
  secrets: Record<string, string | null>;
}
export interface TrustedKey {
  id: string;
  name: string;
  public_key: string;
  key_id: string;
  added_by: Actor;
  added_at: string;
}
export interface Publisher {
  publisher: string;
  public_key: string;
  key_id: string;
  pinned_by: Actor;
  pinned_at: string;
}
export interface Tried {
  answer: Json;
  failure: { code: string; message: string; is_retryable: boolean } | null;
  log: { level: string; message: string }[];
  log_is_cut: boolean;
  requests: { method: string; url: string; authentication: string | null; outcome: string; request_bytes: number; response_bytes: number; ms: number }[];
  guest_us: number;
  wall_us: number;
  memory_peak_bytes: number;
}

export const listPackages = () => get<{ items: Package[] }>("plugin-packages");
export const readPackage = (sha256: string) => get<PackagePage>(`plugin-packages/${sha256}`);
export const keepPackage = (file: File, signature: string, public_key: string) =>
  sendBytes<Done>("plugin-packages", { signature, public_key }, new File([file], file.name, { type: "application/wasm" }));
export const forgetPackage = (sha256: string) => post<Done>(`plugin-packages/${sha256}/forget`, {});
export const listKeys = () => get<{ items: TrustedKey[] }>("plugin-keys");
export const trustKey = (name: string, public_key: string) => post<Done>("plugin-keys", { name, public_key });
export const distrustKey = (id: string) => post<Done>(`plugin-keys/${id}/remove`, {});
export const listPublishers = () => get<{ items: Publisher[] }>("plugin-publishers");
export const pinPublisher = (publisher: string, public_key: string | null) => post<Done>(`plugin-publishers/${publisher}/pin`, { public_key });

const at = (id: string, step: string) => `plugin-installations/${id}/${step}`;
export const listInstallations = () => get<{ items: Installation[] }>("plugin-installations");
export const readInstallation = (id: string) => get<InstallationPage>(`plugin-installations/${id}`);
export const install = (client: string, pack: string, choice: Choice, is_unsigned_accepted: boolean) =>
  post<Done>("plugin-installations", { client, package: pack, choice, is_unsigned_accepted });
export const setState = (id: string, state: "on" | "off") => post<Done>(at(id, "state"), { state });
export const saveChoice = (id: string, version: number, choice: Choice) => post<Done>(at(id, "settings"), { version, choice });
export const updateTo = (id: string, version: number, pack: string, is_unsigned_accepted: boolean) =>
  post<Done>(at(id, "update"), { version, package: pack, is_unsigned_accepted });
export const approveUpdate = (id: string, version: number, pack: string, choice: Choice, is_unsigned_accepted: boolean) =>
  post<Done>(at(id, "update/approve"), { version, package: pack, choice, is_unsigned_accepted });
export const rejectUpdate = (id: string) => post<Done>(at(id, "update/reject"), {});
export const rollBack = (id: string, version: number, to: string) => post<Done>(at(id, "roll-back"), { version, to });
export const uninstall = (id: string, version: number) => post<Done>(at(id, "uninstall"), { version });
export const tryOut = (id: string, name: string, input: Json) => post<Tried>(at(id, "try"), { function: name, input });
