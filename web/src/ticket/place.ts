// Where a site is, in one line: the city is not said twice when the address begins with it.

export function placeLine(city: string, address: string): string {
  return address.startsWith(city) ? address : [city, address].filter(Boolean).join(", ");
}
