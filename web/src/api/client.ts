// One way to the server: JSON in and out, every POST with its Idempotency-Key, every failure an `ApiFailure`.
import { ApiFailure, OfflineFailure } from "./failure";

/** A request that takes longer is given up; the person may try again. */
const REQUEST_MS_MAX = 30_000;

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
export function patch<T = void>(path: string, body: unknown): Promise<T> {
  return request<T>("PATCH", path, { body });
}
export function remove<T = void>(path: string, body?: unknown): Promise<T> {
  return request<T>("DELETE", path, { body });
}

async function request<T>(method: string, path: string, options: Options): Promise<T> {
  const headers = new Headers({ Accept: "application/json" });
  if (method === "POST") headers.set("Idempotency-Key", options.idempotencyKey ?? crypto.randomUUID());
  const isForm = options.body instanceof FormData;
  if (options.body !== undefined && !isForm) headers.set("Content-Type", "application/json");
  const timeout = AbortSignal.timeout(REQUEST_MS_MAX);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  let answer: Response;
  try {
    const body = isForm ? (options.body as FormData) : options.body === undefined ? undefined : JSON.stringify(options.body);
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
  let body: { error?: { code?: string; message?: string; field?: string | null } } = {};
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    // A proxy in between answered with a page of its own; the status says enough.
  }
  const retryAfter = Number(answer.headers.get("Retry-After")) || null;
  const { code = `http_${answer.status}`, message = answer.statusText, field = null } = body.error ?? {};
  return new ApiFailure(answer.status, code, message, field, retryAfter);
}
