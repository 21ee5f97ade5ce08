import { useTranslation } from 'react-i18next';

/** The reader's word for a code of the server's, such as a unit of measure; a code that has none is shown as it came. */
export function useWord(): (group: 'unit' | 'kind' | 'fact' | 'severity' | 'role', code: string) => string {
  const { t, i18n } = useTranslation();
  return (group, code) => {
    const key = `${group}.${code}`;
    return code && i18n.exists(key) ? t(key) : code;
  };
}
