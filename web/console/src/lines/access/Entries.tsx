import { useTranslation } from 'react-i18next';
import type { AccountEntry } from '@/api/generated.schemas';
import { Acted } from '@/shared/Acted';
import { Nothing } from '@/shared/State';
import { useWord } from '@/shared/word';
import { minute, useWho } from './seats';

/** What was done with an account, the newest first: when, what, who. */
export function Entries({ entries }: { entries: AccountEntry[] }) {
  const { t } = useTranslation();
  const word = useWord();
  const who = useWho();
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
            {e.acted_for && <br />}
            <Acted acted={e.acted_for} />
          </span>
          <span className="faint">{who(e.actor, e.actor_name)}</span>
        </li>
      ))}
    </ol>
  );
}
