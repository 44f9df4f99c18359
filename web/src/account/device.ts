// A browser's long self-description as two words.

const BROWSERS: [RegExp, string][] = [
  [/Edg\//, "Edge"], [/YaBrowser\//, "Yandex Browser"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"], [/curl\//, "curl"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"],
];

export function deviceWords(agent: string): string {
  const browser = BROWSERS.find(([mark]) => mark.test(agent))?.[1];
  const system = SYSTEMS.find(([mark]) => mark.test(agent))?.[1];
  return [browser, system].filter(Boolean).join(", ") || agent || "—";
}
