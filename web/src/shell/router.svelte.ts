// The small router: paths under the page's base, parameters by name, links caught at the window.

type Params = Record<string, string>;

export interface Place {
  path: string;
  query: URLSearchParams;
}

function basePath(): string {
  return new URL(document.baseURI).pathname.replace(/\/$/, "");
}

function here(): Place {
  const path = location.pathname.slice(basePath().length) || "/";
  return { path, query: new URLSearchParams(location.search) };
}

class Router {
  #place = $state.raw<Place>({ path: "/", query: new URLSearchParams() });
  /** A form with unsaved words may ask before it is left: for another page, by the back button, or with the window. */
  leaving: (() => boolean) | null = null;

  start(): () => void {
    this.#place = here();
    const moved = () => this.#moved();
    // While the window goes, `confirm` shows nothing and answers no: the browser asks in its own words.
    const closing = (event: BeforeUnloadEvent) => this.leaving && !this.leaving() && event.preventDefault();
    const clicked = (event: MouseEvent) => this.#clicked(event);
    addEventListener("popstate", moved);
    addEventListener("beforeunload", closing);
    document.addEventListener("click", clicked);
    return () => {
      removeEventListener("popstate", moved);
      removeEventListener("beforeunload", closing);
      document.removeEventListener("click", clicked);
    };
  }

  get path() {
    return this.#place.path;
  }
  get query() {
    return this.#place.query;
  }

  go(path: string, how: "push" | "replace" = "push") {
    if (!this.#mayGo(path.split("?")[0] ?? path)) return;
    history[how === "push" ? "pushState" : "replaceState"](null, "", basePath() + path);
    this.#place = here();
  }

  /** The same page with another query keeps what was typed. */
  #mayGo(path: string): boolean {
    return path === this.path || !this.leaving || this.leaving();
  }

  /** The browser has gone already: where the person stays after all, the address comes back. */
  #moved() {
    const to = here();
    if (this.#mayGo(to.path)) this.#place = to;
    else history.pushState(null, "", basePath() + this.path + (this.query.size ? `?${this.query}` : ""));
  }

  /** Changes some query parameters of this place; an empty value removes one. */
  setQuery(changes: Params, how: "push" | "replace" = "replace") {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === "") query.delete(name);
      else query.set(name, value);
    }
    const words = query.toString();
    this.go(this.path + (words ? `?${words}` : ""), how);
  }

  #clicked(event: MouseEvent) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href);
    const isOurs = url.origin === location.origin && url.pathname.startsWith(basePath() + "/");
    if (!isOurs || url.pathname.startsWith(`${basePath()}/api/`)) return;
    event.preventDefault();
    this.go(url.pathname.slice(basePath().length) + url.search);
  }
}

export const router = new Router();

/** Matches "/clients/:id" against a path: its parameters, or nothing. */
export function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/");
  const given = path.replace(/\/$/, "").split("/");
  if (path !== "/" && wanted.length !== given.length) return null;
  if (path === "/") return pattern === "/" ? {} : null;
  const params: Params = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return params;
}

/** An address inside the desk, relative to the page's base: use it in every `href`. */
export function to(path: string): string {
  return path.replace(/^\//, "") || "./";
}
