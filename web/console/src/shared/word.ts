import { useTranslation } from 'react-i18next';
import { useSession } from './about';
import type { Num } from './format';

/** The reader's word for a code of the server's, such as a unit of measure; a code that has none is shown as it came. */
export function useWord(): (group: 'unit' | 'kind' | 'fact' | 'severity' | 'role' | 'database' | 'action' | 'actor' | 'seat' | 'permission', code: string, n?: Num) => string {
  const { t, i18n } = useTranslation();
  return (group, code, n) => {
    const key = `${group}.${code}`;
    // Beside a figure the word agrees with it; where none was said, many are meant.
    const of = group === 'unit' ? { count: n ?? 2 } : {};
    return code && i18n.exists(key, of) ? t(key, of) : code;
  };
}

/** Who did it, from the journal's reference: a role of the demonstration, the demonstration, the command line, the program
 * itself, the reader's own account, or another one. */
export function useActor(): (actor: string) => string {
  const { t, i18n } = useTranslation();
  const word = useWord();
  const session = useSession();
  return (actor) => {
    const [kind, id = ''] = actor.split(':');
    if (kind === 'role') return word('role', id);
    if (kind === 'system') return i18n.exists(`actor.${id}`) ? word('actor', id) : t('actor.system');
    // A reference is nobody's name; but one's own one knows.
    if (kind === 'account' && id === session?.account) return t('actor.self', { name: session.name });
    if (kind === 'link' || kind === 'token') return t(`actor.${kind}`);
    // An account's id is long; its beginning tells it from another.
    if (kind === 'account') return t('actor.account', { id: id.slice(0, 8) });
    return id || actor;
  };
}
