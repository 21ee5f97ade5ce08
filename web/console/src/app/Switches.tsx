// Language and role. Native selects: a phone opens its own wheel, a keyboard needs no explanation.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { demoRole } from '@/api/generated';
import { become } from '@/api/queries';
import { useAbout, useSession } from '@/shared/about';
import { useWord } from '@/shared/word';
import { changeLanguage, LANGUAGES, type Language } from './i18n';

const OWN_NAME: Record<Language, string> = { 'zh-CN': '简体', 'zh-TW': '繁體', en: 'English' };

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <select
      className="switch"
      aria-label={t('shell.language')}
      value={i18n.language}
      onChange={(e) => void changeLanguage(e.target.value as Language)}
    >
      {LANGUAGES.map((l) => (
        <option key={l} value={l}>
          {OWN_NAME[l]}
        </option>
      ))}
    </select>
  );
}

/** The key under which a role is being taken. */
export const TAKE_ROLE = ['role.take'];

/** In the demonstration a role is taken, not logged in to; a site's clerk lands on the phone page. */
export function RoleSwitch() {
  const { t } = useTranslation();
  const word = useWord();
  const { about } = useAbout();
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const take = useMutation({
    mutationKey: TAKE_ROLE,
    // First away from a page that the next role may not see.
    mutationFn: async (role: string) => {
      await navigate(role === 'clerk' ? '/phone' : '/');
      await demoRole({ role });
      await become(client);
    },
  });
  return (
    <select
      className="switch"
      aria-label={t('shell.role')}
      value={session?.account ?? ''}
      disabled={take.isPending}
      onChange={(e) => take.mutate(e.target.value)}
    >
      {!session && <option value="">{t('shell.role')}</option>}
      {about.roles.map((r) => (
        <option key={r.id} value={r.id}>
          {word('role', r.id)} · {r.unit_name}
        </option>
      ))}
    </select>
  );
}
