// Plugins: packages in the desk, and where each is installed with what was granted.
import { type Done, get, post } from "./client";
import type { Label } from "./types";

export interface Package {
  sha256: string;
  plugin: string;
  version: string;
  publisher: string;
  title: Label;
  signature: string;
  bytes: number;
  stored_at: string;
  manifest: unknown;
}
export interface Installation {
  id: string;
  client: string;
  plugin: string;
  package_sha256: string;
  package_version: string;
  publisher: string;
  title: Label;
  configuration: unknown;
  grants: unknown;
  secret_names: string[];
  is_enabled: boolean;
  version: number;
}

export const listPackages = () => get<{ items: Package[] }>("plugins/packages");
export const listInstallations = () => get<{ items: Installation[] }>("plugins/installations");
export const setState = (id: string, state: "on" | "off") => post<Done>(`plugins/installations/${id}/state`, { state });
