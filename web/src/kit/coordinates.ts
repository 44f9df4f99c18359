// A point on the earth as people write it: latitude and longitude in degrees, copied from a map.

export interface Coordinates {
  latitude: number;
  longitude: number;
}

/** "43.2389, 76.8897", "43,2389 76,8897", "43,2389; 76,8897"; nothing where there are no two numbers. Whether they lie on the earth, the server says. */
export function readCoordinates(text: string): Coordinates | null {
  const words = text.trim().split(/\s*;\s*|,\s+|\s+/).filter(Boolean);
  // One comma without a blank parts two numbers with points: "43.2389,76.8897".
  const parts = words.length === 1 && words[0]!.includes(".") ? words[0]!.split(",") : words;
  const numbers = parts.map((part) => (/^[-+−]?\d+([.,]\d+)?$/.test(part) ? Number(part.replace(",", ".").replace("−", "-")) : Number.NaN));
  const [latitude, longitude] = numbers;
  if (numbers.length !== 2 || latitude === undefined || longitude === undefined) return null;
  return Number.isFinite(latitude) && Number.isFinite(longitude) ? { latitude, longitude } : null;
}

export const showCoordinates = (point: Coordinates | null | undefined) => (point ? `${point.latitude}, ${point.longitude}` : "");
