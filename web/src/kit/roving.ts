// A row of buttons is one stop of the Tab key: the arrow keys move within it.

/** Attach it to an element with the role of a toolbar. */
export function roving(bar: HTMLElement): () => void {
  let current: HTMLElement | undefined;
  const stops = () => [...bar.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")].filter((one) => !one.closest("[popover]"));

  function settle() {
    const all = stops();
    const stop = all.find((one) => one === current) ?? all[0];
    for (const one of all) one.tabIndex = one === stop ? 0 : -1;
  }
  function onkeydown(event: KeyboardEvent) {
    const all = stops();
    const at = all.indexOf(event.target as HTMLButtonElement);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = ({ ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 } as Record<string, number>)[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  }
  function onfocusin(event: FocusEvent) {
    if (!stops().includes(event.target as HTMLButtonElement)) return;
    current = event.target as HTMLElement;
    settle();
  }

  settle();
  bar.addEventListener("keydown", onkeydown);
  bar.addEventListener("focusin", onfocusin);
  const watch = new MutationObserver(settle);
  watch.observe(bar, { subtree: true, childList: true, attributeFilter: ["disabled"] });
  return () => {
    watch.disconnect();
    bar.removeEventListener("keydown", onkeydown);
    bar.removeEventListener("focusin", onfocusin);
  };
}
