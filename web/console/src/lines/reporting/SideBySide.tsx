// The moment all else is built around: a site signs zero on a telephone, and four levels count it in the same second.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deskRead, missingList, sheetRead, type At } from '@/api/queries';
import type { Receipt } from '@/api/types';
import { useAbout, useAt } from '@/shared/about';
import { timeOf } from '@/shared/clock';
import { Show } from '@/shared/State';
import { Chain } from './Chain';
import { DeskFigures } from './DeskFigures';
import { DeskSentence } from './DeskSentence';
import { PhoneDay } from './phone/PhoneDay';
import { Tiles } from './Tiles';
import './desk.css';
import './side.css';

/** The site on the telephone: the demonstration's own clerk first, then any that has not reported yet. */
function useSite(at: At): { site: string | undefined; next: (() => void) | undefined } {
  const { about } = useAbout();
  const clerk = about.roles.find((r) => r.id.startsWith('site'))?.unit_code;
  const [chosen, setChosen] = useState(clerk);
  const absent = useInfiniteQuery(missingList(`unit:${about.root}`, at, 50));
  const others = absent.data?.pages[0]?.items.filter((m) => m.unit.code !== chosen && m.path.split('/').length >= 2);
  const other = others?.[Math.floor((others.length * 5) / 7)]?.unit.code;
  return { site: chosen ?? other, next: other ? () => setChosen(other) : undefined };
}

function Left({ at, site, last, tookMs }: { at: At; site: string; last: Receipt | null; tookMs: number }) {
  const { t } = useTranslation();
  const desk = useQuery(deskRead(at));
  const sheet = useQuery(sheetRead(site, at));
  return (
    <section className="side-desk" aria-label={t('nav.desk')}>
      <Show query={desk}>
        {(d) => (
          <>
            <DeskSentence desk={d} />
            {sheet.data && <Chain path={sheet.data.path} at={at} />}
            <p className={last ? 'side-took' : 'side-took side-took-empty'} role="status">
              {last ? t('side.took', { ms: Math.max(1, Math.round(tookMs)), n: last.up.length }) : t(sheet.data && sheet.data.revision > 0 ? 'side.reported' : 'side.before')}
            </p>
            <dl className="side-caption">
              <dt className="num faint">10:00</dt>
              <dd>{t('side.caption_was')}</dd>
              <dt className="num">{timeOf(d.cut_off)}</dt>
              <dd>{t('side.caption_is')}</dd>
            </dl>
            <DeskFigures desk={d} />
            <Tiles desk={d} small lit={last ? last.up.find((u) => d.tiles.some((g) => g.code === u.code))?.code : undefined} />
          </>
        )}
      </Show>
    </section>
  );
}

export default function SideBySide() {
  const { t } = useTranslation();
  const at = useAt();
  const { site, next } = useSite(at);
  const [last, setLast] = useState<{ receipt: Receipt; tookMs: number } | null>(null);
  if (!site) return null;
  return (
    <main className="page side">
      <Left at={at} site={site} last={last?.receipt ?? null} tookMs={last?.tookMs ?? 0} />
      <section className="side-phone" aria-label={t('nav.phone')}>
        <div className="phone-frame">
          <div className="phone-screen">
            <PhoneDay key={site} unit={site} at={at} onReceipt={(receipt, tookMs) => setLast({ receipt, tookMs })} />
          </div>
        </div>
        {next && (
          <button
            type="button"
            className="plain"
            onClick={() => {
              setLast(null);
              next();
            }}
          >
            {t('side.next')}
          </button>
        )}
      </section>
    </main>
  );
}
