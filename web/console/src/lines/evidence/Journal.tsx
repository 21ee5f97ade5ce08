// The journal as an inspector reads it: who did what to what, when; an entry opens to its chain.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { JournalBody, JournalEntry } from '@/api/generated.schemas';
import { journalList } from '@/api/queries';
import { Acted } from '@/shared/Acted';
import { useAddress } from '@/shared/address';
import { timeOf } from '@/shared/clock';
import { Choice, Labelled, Text } from '@/shared/fields';
import { count, useDayText } from '@/shared/format';
import { Refusal, Waiting } from '@/shared/State';
import { Who } from '@/shared/Who';
import '@/shared/deed.css';
import './journal.css';

/** What may be looked for, by the word with which actions begin. */
const KINDS = ['report', 'incident', 'unit', 'units', 'post', 'contact', 'account', 'grant', 'link', 'token', 'form', 'element', 'brief', 'notice', 'party', 'finding', 'acting', 'operation'];
/** Kinds of those who act without a login name. */
const BY = ['link:', 'token:'];
/** The words of the address that narrow. */
const FILTERS = ['from', 'to', 'action', 'actor', 'node', 'subject'] as const;
type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

/** Where the thing lies that an entry is about; nothing where it has no page. */
function pageOf({ subject: s }: JournalEntry): string | null {
  const code = encodeURIComponent(s.unit?.code ?? s.form ?? s.word.split(':')[1] ?? '');
  switch (s.kind) {
    case 'sheet':
      return `/figure?node=unit:${code}&day=${s.day}${s.form ? `&form=${encodeURIComponent(s.form)}` : ''}#sheet`;
    case 'unit':
      return `/units/${code}`;
    case 'contacts':
      return s.unit ? `/units/${code}` : null;
    case 'privacy':
      return '/privacy';
    case 'form':
    case 'element':
      return `/catalogue/${s.kind}/${code}`;
    case 'brief':
      return `/brief/${s.day}`;
    case 'notice':
      return `/notices/${code}`;
    case 'party':
      return '/parties';
    default:
      return null;
  }
}

function Day({ name, label, value, onValue }: { name: string; label: string; value: string; onValue: (day: string) => void }) {
  return (
    <Labelled name={name} label={label}>
      {(id, described) => <input id={id} type="date" value={value} aria-describedby={described} onChange={(e) => onValue(e.target.value)} />}
    </Labelled>
  );
}

function Search({ given, onFind }: { given: Filters; onFind: (filters: Filters) => void }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(given);
  const set = (name: keyof Filters) => (value: string) => setNow((before) => ({ ...before, [name]: value }));
  const kinds: [string, string][] = [['', t('journal.any')], ...KINDS.map((kind): [string, string] => [kind, t(`journal.kind.${kind}`)])];
  // Whoever holds a link, and programs, have no name to look for.
  const by = BY.includes(now.actor ?? '') ? now.actor! : '';
  // A link may ask for one action among those of a kind.
  if (now.action && !KINDS.includes(now.action)) kinds.push([now.action, now.action]);
  return (
    <form
      className="card card-pad journal-search"
      onSubmit={(e) => {
        e.preventDefault();
        onFind(now);
      }}
    >
      <Day name="from" label={t('journal.from')} value={now.from ?? ''} onValue={set('from')} />
      <Day name="to" label={t('journal.to')} value={now.to ?? ''} onValue={set('to')} />
      <Choice name="action" label={t('journal.what')} value={now.action ?? ''} onValue={set('action')} options={kinds} />
      <Choice name="by" label={t('journal.by')} value={by} onValue={set('actor')} options={[['', t('journal.by_name')], ['link:', t('journal.by_link')], ['token:', t('journal.by_token')]]} />
      {by === '' && <Text name="actor" label={t('journal.who')} value={now.actor ?? ''} onValue={set('actor')} />}
      <Text name="node" label={t('journal.unit')} value={now.node ?? ''} onValue={set('node')} />
      <p className="change-go">
        <button type="submit" className="act" data-find>
          {t('journal.find')}
        </button>
        {FILTERS.some((name) => given[name]) && (
          <button type="button" className="plain" data-clear onClick={() => onFind({})}>
            {t('journal.clear')}
          </button>
        )}
      </p>
    </form>
  );
}

function Chain({ entry, subject }: { entry: JournalEntry; subject: string | undefined }) {
  const { t } = useTranslation();
  const page = pageOf(entry);
  const rows: [string, string | null | undefined][] = [
    ['journal.number', `${entry.lane}:${entry.no}`],
    ['journal.hash', entry.hash],
    ['journal.before', entry.before ?? t('journal.first')],
    ['journal.previous', entry.previous],
    ['journal.action', entry.action],
    ['journal.reference', entry.actor],
  ];
  return (
    <div className="journal-chain">
      <dl>
        {rows
          .filter(([, value]) => value)
          .map(([key, value]) => (
            <Fragment key={key}>
              <dt>{t(key)}</dt>
              <dd className="num">{value}</dd>
            </Fragment>
          ))}
      </dl>
      <p className="journal-ways">
        {page && (
          <Link className="change-link" to={page} data-thing>
            {t('journal.open')}
          </Link>
        )}
        {subject !== entry.subject.word && entry.subject.kind !== 'other' && (
          <Link className="change-link" to={`/journal?subject=${encodeURIComponent(entry.subject.word)}`} data-same>
            {t('journal.same')}
          </Link>
        )}
      </p>
    </div>
  );
}

function Entry({ entry, subject }: { entry: JournalEntry; subject: string | undefined }) {
  const { t } = useTranslation();
  const s = entry.subject;
  return (
    <li data-entry={`${entry.lane}:${entry.no}`} data-action={entry.action}>
      <details>
        <summary>
          <span className="num journal-at">{timeOf(entry.at, true)}</span>
          <b className="journal-what">{entry.action_text}</b>
          <span className="journal-about">
            {s.text}
            {s.revision != null && <span className="faint"> · {t('figure.revision', { n: s.revision })}</span>}
          </span>
          {entry.acted_for && (
            <span className="journal-acted">
              <Acted acted={entry.acted_for} />
            </span>
          )}
          <span className="faint journal-who"><Who actor={entry.actor} unit={entry.actor_unit?.name || entry.actor_unit?.code} name={entry.actor_name} /></span>
        </summary>
        <Chain entry={entry} subject={subject} />
      </details>
    </li>
  );
}

/** Entries under the day on which they were done. */
function Entries({ items, subject }: { items: JournalEntry[]; subject: string | undefined }) {
  const dayText = useDayText();
  const days: [string, JournalEntry[]][] = [];
  for (const entry of items) {
    const day = entry.at.slice(0, 10);
    const last = days.at(-1);
    if (last?.[0] === day) last[1].push(entry);
    else days.push([day, [entry]]);
  }
  return (
    <>
      {days.map(([day, entries], n) => (
        // A clock that was put back tells of a day twice.
        <section key={`${day} ${n}`} className="card journal-day">
          <h2 className="card-pad">{dayText(day)}</h2>
          <ul>
            {entries.map((entry) => (
              <Entry key={`${entry.lane}:${entry.no}`} entry={entry} subject={subject} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** How far it was looked, and whether there is more: never a silent end. */
function Looked({ pages, more }: { pages: JournalBody[]; more: boolean }) {
  const { t } = useTranslation();
  const looked = pages.reduce((sum, page) => sum + page.looked_at, 0);
  const back = pages.at(-1)?.looked_back_to ?? pages.at(-2)?.looked_back_to;
  const found = pages.some((page) => page.items.length > 0);
  return (
    <p className="faint journal-looked" role="status" data-looked={looked}>
      {!found && <b>{t(more ? 'journal.none_yet' : 'journal.none')} </b>}
      {back && t('journal.looked', { n: count(looked), at: `${back.slice(0, 10)} ${timeOf(back)}` })}
      {!more && ` ${t('journal.all')}`}
    </p>
  );
}

export default function Journal() {
  const { t } = useTranslation();
  const [params, change] = useAddress();
  const given: Filters = {};
  for (const name of FILTERS) {
    const value = params.get(name);
    if (value) given[name] = value;
  }
  const query = useInfiniteQuery(journalList(given));
  const pages = query.data?.pages;
  const find = (filters: Filters) => change(Object.fromEntries(FILTERS.map((name) => [name, filters[name]?.trim() || null])));
  return (
    <main className="page page-narrow">
      <h1>{t('nav.journal')}</h1>
      <p className="faint journal-sub">{t('journal.sub')}</p>
      {given.subject ? (
        <p className="change-chosen journal-only">
          <span>{t('journal.only', { word: given.subject })}</span>
          <button type="button" className="plain" data-clear onClick={() => find({})}>
            {t('journal.clear')}
          </button>
        </p>
      ) : (
        <Search key={params.toString()} given={given} onFind={find} />
      )}
      {!pages ? (
        query.isError ? (
          <Refusal error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Waiting />
        )
      ) : (
        <>
          <Entries items={pages.flatMap((page) => page.items)} subject={given.subject} />
          <Looked pages={pages} more={query.hasNextPage} />
          {query.isFetchNextPageError && <Refusal error={query.error} />}
          {query.hasNextPage && (
            <button type="button" className="plain journal-more" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} data-more>
              {t('journal.more')}
            </button>
          )}
        </>
      )}
    </main>
  );
}
