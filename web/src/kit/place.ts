// Where a popover goes: under its opener, or above when there is no room, always inside the window.

const GAP_PX = 4;

export function placeBeside(opener: HTMLElement, popover: HTMLElement) {
  const from = opener.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const below = from.bottom + GAP_PX + size.height <= innerHeight;
  const top = below ? from.bottom + GAP_PX : Math.max(GAP_PX, from.top - GAP_PX - size.height);
  const left = Math.max(GAP_PX, Math.min(from.left, innerWidth - size.width - GAP_PX));
  popover.style.top = `${top}px`;
  popover.style.left = `${left}px`;
}
