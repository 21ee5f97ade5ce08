import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { roleList } from '@/api/queries';
import { Choice } from '@/shared/fields';
import { useWord } from '@/shared/word';

/** One of the roles that the reader may give, and what it lets do. */
export function RoleChoice({ value, onValue, none, hint }: { value: string; onValue: (role: string) => void; none: string; hint?: string }) {
  const { t } = useTranslation();
  const word = useWord();
  const roles = useQuery(roleList()).data?.items.filter((role) => role.given_by_reader) ?? [];
  const chosen = roles.find((role) => role.role === value);
  const may = chosen && t('people.may', { what: chosen.permissions.map((p) => word('permission', p)).join(t('list.semicolon')) });
  const said = [may, hint].filter(Boolean).join(' ');
  return <Choice name="role" label={t('people.role')} value={value} onValue={onValue} hint={said || undefined} options={[['', none], ...roles.map((role): [string, string] => [role.role, word('seat', role.role)])]} />;
}
