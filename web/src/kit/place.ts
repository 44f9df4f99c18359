// Where a popover goes: under its opener, or above when there is no room, always inside the window.

const GAP_PX = 4;

export function placeBeside(opener: HTMLElement, popover: HTMLElement) {
  const from = opener.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const below = from.bottom + GAP_PX + size.height <= innerHeight;
  const beside = below ? from.bottom + GAP_PX : from.top - GAP_PX - size.height;
  // The opener itself may have been pushed out of the window.
  const top = Math.max(GAP_PX, Math.min(beside, innerHeight - size.height - GAP_PX));
  const left = Math.max(GAP_PX, Math.min(from.left, innerWidth - size.width - GAP_PX));
  popover.style.top = `${top}px`;
  popover.style.left = `${left}px`;
}
