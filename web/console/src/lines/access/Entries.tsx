import { useTranslation } from 'react-i18next';
import type { AccountEntry } from '@/api/generated.schemas';
import { useSession } from '@/shared/about';
import { Nothing } from '@/shared/State';
import { useActor, useWord } from '@/shared/word';
import { minute } from './seats';

/** What was done with an account, the newest first: when, what, who. */
export function Entries({ entries }: { entries: AccountEntry[] }) {
  const { t } = useTranslation();
  const word = useWord();
  const actor = useActor();
  const own = useSession()?.account;
  if (entries.length === 0) return <Nothing>{t('person.no_history')}</Nothing>;
  return (
    <ol className="account-entries" data-entries>
      {entries.map((e) => (
        <li key={`${e.at}${e.action}${e.role ?? ''}${e.unit_code ?? ''}`} data-action={e.action}>
          <time className="faint">{minute(e.at)}</time>
          <span>
            {word('action', e.action)}
            {e.role && (
              <>
                {' '}
                <b>{word('seat', e.role)}</b> <span className="num faint">{e.unit_code ?? t('people.whole')}</span>
              </>
            )}
          </span>
          <span className="faint">{e.actor_name && e.actor !== `account:${own}` ? e.actor_name : actor(e.actor)}</span>
        </li>
      ))}
    </ol>
  );
}
