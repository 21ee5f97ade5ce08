// By what units are reached outside, and how far letters came. Where a channel leads is never shown; what a letter says only to
// who may set channels there.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Letter, LetterState } from '@/api/generated.schemas';
import { outboxList } from '@/api/queries';
import { useMay, useOwnUnit } from '@/shared/about';
import { useAddress } from '@/shared/address';
import { timeOf } from '@/shared/clock';
import { Text } from '@/shared/fields';
import { Nothing, Refusal, Waiting } from '@/shared/State';
import { Channels } from './Channels';
import '@/shared/deed.css';
import './outbound.css';

const STATES: LetterState[] = ['given_up', 'failed', 'waiting', 'sent'];
const MARK: Record<LetterState, [mark: string, sign: string]> = { given_up: ['mark-bad', '▲'], failed: ['mark-warn', '◆'], waiting: ['faint', '○'], sent: ['mark-good', '●'] };

const when = (instant: string) => `${instant.slice(0, 10)} ${timeOf(instant)}`;

function One({ letter }: { letter: Letter }) {
  const { t } = useTranslation();
  const [mark, sign] = MARK[letter.state];
  return (
    <li className="outbound-letter" data-letter={letter.id} data-state={letter.state}>
      <p>
        <span className={mark}>
          {sign} {t(`outbound.states.${letter.state}`)}
        </span>{' '}
        <Link className="change-link" to={`/units/${encodeURIComponent(letter.unit.code)}`}>
          {letter.unit.name} {letter.unit.code}
        </Link>{' '}
        <span>{t(`outbound.letters.${letter.kind}`)}</span> <span className="faint">{t('outbound.by', { channel: letter.channel, kind: t(`outbound.kinds.${letter.channel_kind}`) })}</span>
      </p>
      <p className="small faint num">
        {t('outbound.written', { at: when(letter.at) })}
        {letter.ended_at && ` · ${t(letter.state === 'sent' ? 'outbound.sent_at' : 'outbound.given_up_at', { at: when(letter.ended_at) })}`}
        {letter.next_try && ` · ${t('outbound.next', { at: when(letter.next_try) })}`}
        {letter.attempts > 1 && ` · ${t('outbound.attempts', { n: letter.attempts })}`}
      </p>
      {letter.error_text && (
        <p className={`small ${mark}`} data-error={letter.error}>
          {letter.error_text}
        </p>
      )}
      {letter.title && (
        <details>
          <summary>{letter.title}</summary>
          <pre className="pre small">{letter.text}</pre>
        </details>
      )}
    </li>
  );
}

/** Of which unit channels are shown: the reader's own, until they say another. */
function Whose({ unit, change }: { unit: string; change: (unit: string) => void }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(unit);
  return (
    <form
      className="outbound-whose"
      onSubmit={(e) => {
        e.preventDefault();
        change(now.trim());
      }}
    >
      <Text name="unit" label={t('outbound.unit')} value={now} maxLength={64} onValue={setNow} />
      <button type="submit" className="plain" data-whose>
        {t('outbound.show')}
      </button>
    </form>
  );
}

export default function Outbox() {
  const { t } = useTranslation();
  const [params, change] = useAddress();
  const sets = useMay('channel.set');
  const own = useOwnUnit('channel.set');
  const node = params.get('node');
  const asked = params.get('state');
  const state = STATES.find((one) => one === asked) ?? null;
  const unit = node?.replace(/^unit:/, '') ?? own;
  const query = useInfiniteQuery(outboxList(node, state));
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <main className="page">
      <h1>{t('nav.outbox')}</h1>
      <p className="faint">{t('outbound.sub')}</p>
      {query.data?.pages[0]?.sending === false && (
        <p className="card card-pad mark-warn" data-not-sending>
          ◆ {t('outbound.not_sending')}
        </p>
      )}
      <div className={sets ? 'outbound' : undefined}>
        {sets && (
          <div>
            <Whose key={unit} unit={unit} change={(to) => change({ node: to === '' ? null : `unit:${to}` })} />
            <Channels key={unit} unit={unit} />
          </div>
        )}
        <section className="card card-pad" data-letters>
          <h2>{t('outbound.letters_title')}</h2>
          <nav className="change-kinds" aria-label={t('outbound.by_state')}>
            {[null, ...STATES].map((one) => (
              <button key={one ?? 'all'} type="button" className="plain" aria-pressed={one === state} onClick={() => change({ state: one })} data-only={one ?? 'all'}>
                {one ? t(`outbound.states.${one}`) : t('outbound.all')}
              </button>
            ))}
          </nav>
          {query.isError && <Refusal error={query.error} retry={() => void query.refetch()} />}
          {!items && !query.isError && <Waiting />}
          {items?.length === 0 && <Nothing>{t('outbound.no_letters')}</Nothing>}
          <ul>
            {items?.map((letter) => (
              <One key={letter.id} letter={letter} />
            ))}
          </ul>
          {query.hasNextPage && (
            <button type="button" className="plain" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t('outbound.more')}
            </button>
          )}
        </section>
      </div>
    </main>
  );
}
