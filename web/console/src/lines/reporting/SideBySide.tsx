// The moment all else is built around: a site signs zero on a telephone, and four levels count it in the same second.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deskRead, missingList, sheetRead, type At } from '@/api/queries';
import { useAbout, useAt, useOwnUnit, useSeesWhole } from '@/shared/about';
import { timeOf } from '@/shared/clock';
import { Nothing, Show } from '@/shared/State';
import { Chain } from './Chain';
import { DeskFigures } from './DeskFigures';
import { DeskSentence } from './DeskSentence';
import { PhoneDay } from './phone/PhoneDay';
import { Tiles } from './Tiles';
import type { Filed } from './useFile';
import './desk.css';
import './side.css';

type Site = { unit: string; role: string };

/** The site on the telephone: the demonstration's own clerk first, then those that its group may report for. */
function useSite(at: At): { site: Site | undefined; next: (() => void) | undefined } {
  const { about } = useAbout();
  const clerk = about.roles.find((r) => r.id === 'clerk');
  const group = about.roles.find((r) => r.id === 'group');
  const [chosen, setChosen] = useState<Site | undefined>(clerk && { unit: clerk.unit_code, role: clerk.id });
  // Of them those that the reader may see: who looks from below the group has only what is below themselves.
  const own = useOwnUnit();
  const whole = useSeesWhole();
  const absent = useInfiniteQuery({ ...missingList(`unit:${whole && group ? group.unit_code : own}`, at, 50), enabled: group !== undefined });
  const other = absent.data?.pages[0]?.items.find((m) => m.unit.code !== chosen?.unit);
  return { site: chosen, next: other && group ? () => setChosen({ unit: other.unit.code, role: group.id }) : undefined };
}

function Left({ at, site, last }: { at: At; site: string; last: Filed | null }) {
  const { t } = useTranslation();
  const desk = useQuery(deskRead(at));
  const sheet = useQuery(sheetRead(site, at));
  return (
    <section className="side-desk" aria-label={t('nav.desk')}>
      <Show query={desk}>
        {(d) => (
          <>
            <DeskSentence desk={d} />
            {sheet.data && <Chain path={[...sheet.data.path, sheet.data.unit]} at={at} />}
            <p className={last ? 'side-took' : 'side-took side-took-empty'} role="status">
              {last ? t('side.took', { ms: Math.max(1, Math.round(last.tookMs)), count: last.levels.length }) : t(sheet.data && sheet.data.revision > 0 ? 'side.reported' : 'side.before')}
            </p>
            <dl className="side-caption">
              <dt className="num faint">10:00</dt>
              <dd>{t('side.caption_was')}</dd>
              <dt className="num">{timeOf(d.cut_off)}</dt>
              <dd>{t('side.caption_is')}</dd>
            </dl>
            <DeskFigures desk={d} />
            <Tiles desk={d} small lit={last?.levels.find((l) => d.tiles.some((g) => !g.own && g.unit.code === l.node.code))?.node.code} />
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
  const [last, setLast] = useState<Filed | null>(null);
  if (!site) {
    return (
      <main className="page">
        <h1 className="visually-hidden">{t('nav.side')}</h1>
        <Nothing>{t('side.demo_only')}</Nothing>
      </main>
    );
  }
  return (
    <main className="page side">
      <Left at={at} site={site.unit} last={last} />
      <section className="side-phone" aria-label={t('nav.phone')}>
        <div className="phone-frame">
          <div className="phone-screen">
            <PhoneDay key={site.unit} unit={site.unit} at={at} role={site.role} onFiled={setLast} />
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
