// Three languages from the first string. A language is one file, fetched when it is spoken.
import dayjs from 'dayjs';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { speak } from '@/api/http';

export const LANGUAGES = ['zh-CN', 'zh-TW', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const files: Record<Language, () => Promise<{ default: object }>> = {
  'zh-CN': () => import('@/locales/zh-CN.json'),
  'zh-TW': () => import('@/locales/zh-TW.json'),
  en: () => import('@/locales/en.json'),
};

const KEPT = 'muster.language';

function preferred(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(KEPT) ?? navigator.language;
  if (asked.startsWith('en')) return 'en';
  return /^zh-(TW|HK|MO|Hant)/i.test(asked) ? 'zh-TW' : 'zh-CN';
}

async function load(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', (await files[language]()).default);
  }
  if (language !== 'en') await (language === 'zh-TW' ? import('dayjs/locale/zh-tw') : import('dayjs/locale/zh-cn'));
  dayjs.locale(language === 'en' ? 'en' : language.toLowerCase());
  document.documentElement.lang = language;
  speak(language);
}

export async function startLanguage(): Promise<void> {
  const language = preferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false },
    // A missing key is a fault that a story must see.
    saveMissing: true,
    missingKeyHandler: (_l, _n, key) => console.error(`missing translation: ${key}`),
  });
  await load(language);
  await i18next.changeLanguage(language);
}

export async function changeLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEPT, language);
  await load(language);
  await i18next.changeLanguage(language);
}
