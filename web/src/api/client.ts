// One way to the server: JSON in and out, every POST with its Idempotency-Key, every failure an `ApiFailure`.
import type { Asked } from "./clients";
import { ApiFailure, OfflineFailure, type Problem } from "./failure";

/** A request that takes longer is given up; the person may try again. */
const REQUEST_MS_MAX = 30_000;
/** A file may be 25 MiB over a slow line. */
const UPLOAD_MS_MAX = 10 * 60_000;

/** One page of a list; `next` goes back as `cursor`. */
export interface Page<T> {
  items: T[];
  next: string | null;
}
/** What every write answers. */
export interface Done {
  id: string | null;
  ticket: string | null;
  number: string | null;
  version: number | null;
  seq: number;
  /** What is done nevertheless, but may be a mistake. */
  warnings?: ({ is: string } & Record<string, unknown>)[];
}

type Query = Record<string, string | number | boolean | null | undefined>;
interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  /** Repeat with the same key and the server answers what it answered the first time. */
  idempotencyKey?: string;
}

export function apiUrl(path: string, query: Query = {}): URL {
  const url = new URL(`api/v1/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, String(value));
  }
  return url;
}

export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return request<T>("GET", path, { query, signal });
}
export function post<T = void>(path: string, body?: unknown, options: Options = {}): Promise<T> {
  return request<T>("POST", path, { ...options, body });
}
export function put<T = void>(path: string, body: unknown): Promise<T> {
  return request<T>("PUT", path, { body });
}
export function remove<T = void>(path: string): Promise<T> {
  return request<T>("DELETE", path, {});
}
/** A file as it is; its name goes into the address. */
export function sendBytes<T>(path: string, query: Query, file: File): Promise<T> {
  return request<T>("POST", path, { query, body: file });
}

async function request<T>(method: string, path: string, options: Options): Promise<T> {
  const headers = new Headers({ Accept: "application/json" });
  if (method === "POST") headers.set("Idempotency-Key", options.idempotencyKey ?? crypto.randomUUID());
  const file = options.body instanceof File ? options.body : null;
  if (file) headers.set("Content-Type", file.type || "application/octet-stream");
  else if (options.body !== undefined) headers.set("Content-Type", "application/json");
  const timeout = AbortSignal.timeout(file ? UPLOAD_MS_MAX : REQUEST_MS_MAX);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  let answer: Response;
  try {
    const body = file ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    answer = await fetch(apiUrl(path, options.query), { method, headers, body, signal, credentials: "same-origin" });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new OfflineFailure();
  }
  if (!answer.ok) throw await failureOf(answer);
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
}

async function failureOf(answer: Response): Promise<ApiFailure> {
  const text = await answer.text();
  interface Said {
    code?: string;
    message?: string;
    field?: string | null;
    values?: Record<string, string>;
    problems?: Problem[];
    missing?: Asked[];
  }
  let body: { error?: Said } = {};
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    // A proxy in between answered with a page of its own; the status says enough.
  }
  const retryAfter = Number(answer.headers.get("Retry-After")) || null;
  const { code = `http_${answer.status}`, message = answer.statusText, field = null, values, problems, missing } = body.error ?? {};
  return new ApiFailure(answer.status, code, message, field, retryAfter, problems, missing, values);
}
