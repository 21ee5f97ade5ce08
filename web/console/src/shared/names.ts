import { useTranslation } from 'react-i18next';
import type { Names } from '@/api/generated.schemas';

/** A name in the reader's language; where it has none, in the one that it has. */
export function useNamed(): (names: Names) => string {
  const { i18n } = useTranslation();
  return (names) => {
    const own = i18n.language === 'en' ? names.en : i18n.language === 'zh-TW' ? names['zh-Hant'] : names['zh-Hans'];
    return own || names['zh-Hans'] || names.en || '';
  };
}
