// What a browser calls itself, in two words that its owner knows it by. Names of makers, in no language.

const BROWSERS: [mark: RegExp, name: string][] = [
  [/MicroMessenger\//, 'WeChat'],
  [/DingTalk\//, 'DingTalk'],
  [/Edg[A-Z]*\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/(?:Chrome|CriOS)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const SYSTEMS: [mark: RegExp, name: string][] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

const first = (of: [RegExp, string][], agent: string) => of.find(([mark]) => mark.test(agent))?.[1] ?? '';

/** Empty where it says nothing that is known. */
export function agentWords(agent: string): { browser: string; system: string } {
  return { browser: first(BROWSERS, agent), system: first(SYSTEMS, agent) };
}
