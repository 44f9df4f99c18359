// Light, dark or as the system says; remembered.

const STORED_AS = "naryad.theme";
export type Theme = "system" | "light" | "dark";

class ThemeChoice {
  current = $state<Theme>("system");

  constructor() {
    if (typeof window === "undefined") return;
    const stored = localStorage.getItem(STORED_AS);
    if (stored === "light" || stored === "dark") this.current = stored;
  }

  choose(theme: Theme) {
    this.current = theme;
    const root = document.documentElement;
    if (theme === "system") {
      delete root.dataset.theme;
      localStorage.removeItem(STORED_AS);
    } else {
      root.dataset.theme = theme;
      localStorage.setItem(STORED_AS, theme);
    }
  }
}

export const theme = new ThemeChoice();
